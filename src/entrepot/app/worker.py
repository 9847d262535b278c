"""`entrepot worker`: a process that delivers, carries on runs that send much, and does nothing else; as many as one likes, anywhere."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from dataclasses import replace

from entrepot.app.asgi import open_own_pool, open_services
from entrepot.app.chores import chores_of_workers
from entrepot.app.database import prepare, reachable_database
from entrepot.app.logging import configure_logging
from entrepot.app.settings import Settings
from entrepot.engine.call import Backend
from entrepot.features.people.deliveries.waking import Waking
from entrepot.features.people.events.streams import Streams
from entrepot.kernel.clock import utc_now
from entrepot.worker.dispatcher import dispatching
from entrepot.worker.periodic import repeating


def work(settings: Settings, announce: Callable[[], object]) -> None:
    """Deliver until SIGINT, SIGTERM or SIGHUP; then what is under way ends. `announce` is called once it has begun. Raises what
    `prepare` raises.
    """
    configure_logging(settings.log_level, settings.log_format)
    with reachable_database(settings) as url:
        asyncio.run(_work(settings, url, announce))


async def _work(settings: Settings, url: str, announce: Callable[[], object]) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    settings = replace(await prepare(settings, url), database_url=url)
    async with await open_own_pool(url, settings) as pool, pool.reach.watched():
        services = await open_services(settings, pool, utc_now)
        try:
            backend = Backend(pool, services, utc_now, settings.base_url)
            async with (
                dispatching(backend, url, private=settings.private_targets),
                repeating(chores_of_workers(backend)),
            ):
                announce()
                await stopped.wait()
        finally:
            services.passwords.close()
            await services.outgoing.close()
            await services.memory(Waking).close()
            await services.memory(Streams).close()

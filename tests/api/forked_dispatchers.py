"""Processes that deliver and can be killed: `python -m tests.api.forked_dispatchers URL KEY` forks one for each line that it reads.

A line is by how many seconds the clock of the new process is ahead; answered with its process ID. All modules are imported once,
before the first fork, so that a process delivers within milliseconds.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from dataclasses import replace
from datetime import datetime, timedelta

from tests.api.dispatching import TOLD

from entrepot.app.asgi import open_services
from entrepot.app.registry import registry
from entrepot.app.settings import Settings
from entrepot.engine.call import Backend
from entrepot.features.people.deliveries.dispatching import Dispatcher
from entrepot.kernel.clock import utc_now
from entrepot.storage.pool import open_pool
from entrepot.worker.dispatcher import outgoing_of_deliveries


async def deliver(url: str, key: str, ahead: float) -> None:
    """Until somebody kills the process."""

    def clock() -> datetime:
        return utc_now() + timedelta(seconds=ahead)

    settings = Settings(database_url=url, secret_key=key)
    async with await open_pool(url, min_size=1, max_size=6) as pool:
        services = await open_services(settings, pool, clock)
        services = replace(services, events={TOLD.name: TOLD})
        backend = Backend(pool, services, clock, "http://entrepot.test")
        await Dispatcher(backend, outgoing_of_deliveries(private=True)).run()


def main() -> None:
    """Fork for each line of standard input."""
    url, key = sys.argv[1:]
    registry()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        child = os.fork()
        if not child:
            asyncio.run(deliver(url, key, float(line)))
            os._exit(0)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()

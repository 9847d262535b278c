"""A dispatcher that runs beside whatever else a process does, woken by the database's notifications."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import asyncpg
import structlog

from entrepot.engine.call import Backend
from entrepot.features.people.deliveries.courtesy import Answered
from entrepot.features.people.deliveries.dispatching import Dispatcher
from entrepot.features.people.deliveries.waking import CHANNEL
from entrepot.features.people.outgoing.bulkheads import Bulkheads
from entrepot.features.people.outgoing.client import Outgoing
from entrepot.kernel.errors import BusyError
from entrepot.storage.reach import LOST

AGAIN = 2.0
"""Seconds before another try to listen, after the connection was lost."""
CONNECT_LIMIT = 10.0

log = structlog.get_logger("entrepot.deliveries")


def outgoing_of_deliveries(*, private: bool) -> Outgoing:
    """Calls abroad whose number the dispatcher itself limits, and whose endpoints it leaves alone by itself."""
    return Outgoing(private=private, bulkheads=Bulkheads(at_once=1_000, judging=False))


@asynccontextmanager
async def dispatching(
    backend: Backend, url: str, *, private: bool, answered: Answered | None = None
) -> AsyncIterator[Dispatcher]:
    """A dispatcher delivers while the block runs; at its end it begins nothing any more and ends what is under way.

    url: of the database, for the connection that listens. private: whether targets may be of private networks.
    answered: the requests of this process, where it answers any.
    """
    dispatcher = Dispatcher(backend, outgoing_of_deliveries(private=private), answered)
    running = asyncio.create_task(dispatcher.run(), name="dispatcher")
    listening = asyncio.create_task(_listen(dispatcher, url), name="dispatcher listens")
    try:
        yield dispatcher
    finally:
        dispatcher.stop()
        listening.cancel()
        await asyncio.gather(listening, running, return_exceptions=True)


async def _listen(dispatcher: Dispatcher, url: str) -> None:
    """Wake the dispatcher by each notification; whatever was told while nobody listened is looked for once somebody does."""

    def told(_connection: object, _pid: int, _channel: str, payload: object) -> None:
        with suppress(ValueError):
            dispatcher.wake(int(str(payload)))

    while True:
        try:
            connection = await asyncpg.connect(
                url, timeout=CONNECT_LIMIT, server_settings={"application_name": "entrepot dispatcher"}
            )
            try:
                lost = asyncio.Event()
                connection.add_termination_listener(lambda _connection, lost=lost: lost.set())
                await connection.add_listener(CHANNEL, told)
                await dispatcher.look()
                dispatcher.listens = True
                await lost.wait()
            finally:
                dispatcher.listens = False
                connection.terminate()
        except (*LOST, BusyError) as error:
            log.warning("nobody listens", error=repr(error))
        except Exception:  # whatever it is, the next try may go well
            log.exception("nobody listens")
        await asyncio.sleep(AGAIN)

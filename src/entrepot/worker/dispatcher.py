"""A dispatcher that runs beside whatever else a process does, woken by the database's notifications."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from entrepot.engine.call import Backend
from entrepot.features.people.deliveries.courtesy import Answered
from entrepot.features.people.deliveries.dispatching import Dispatcher
from entrepot.features.people.deliveries.waking import CHANNEL
from entrepot.features.people.outgoing.bulkheads import Bulkheads
from entrepot.features.people.outgoing.client import Outgoing
from entrepot.storage.notifications import hear


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

    def told(payload: str) -> None:
        with suppress(ValueError):
            dispatcher.wake(int(payload))

    async def begun() -> None:
        await dispatcher.look()
        dispatcher.listens = True

    def ended() -> None:
        dispatcher.listens = False

    await hear(url, CHANNEL, "entrepot dispatcher", told=told, begun=begun, ended=ended)

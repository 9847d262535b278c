"""Work that a server process repeats as long as it lives."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog

log = structlog.get_logger("entrepot.worker")


@dataclass(frozen=True, slots=True)
class Chore:
    """`work`, to be done every `seconds`, for the first time after as many; `name` is for the log."""

    name: str
    seconds: float
    work: Callable[[], Awaitable[object]]


@asynccontextmanager
async def repeating(chores: Iterable[Chore]) -> AsyncIterator[None]:
    """The chores go on while the block runs. One that fails is logged and done again at its next time."""
    tasks = [asyncio.create_task(_repeat(chore), name=chore.name) for chore in chores]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _repeat(chore: Chore) -> None:
    while True:
        await asyncio.sleep(chore.seconds)
        try:
            await chore.work()
        except Exception as error:  # noqa: BLE001 (whatever it is, the next time may go well)
            log.warning("chore failed", chore=chore.name, error=repr(error))

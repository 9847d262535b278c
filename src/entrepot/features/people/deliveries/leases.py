"""What a process has taken is its own for a moment only, and for another one while it lives: what a killed one leaves is soon taken up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import structlog

from entrepot.kernel.errors import BusyError
from entrepot.storage.reach import LOST

LEASE = timedelta(seconds=30)
"""Events and deliveries that nobody has renewed for as long are for others to take."""
RENEW = 8.0
"""Seconds between two renewals: a loop or a database that is held up for a while costs nobody his lease."""

log = structlog.get_logger("entrepot.deliveries")


async def renew(statement: Callable[[], Awaitable[object]]) -> None:
    """Once. What the database refuses now, the next time may do."""
    try:
        await statement()
    except (*LOST, BusyError) as error:
        log.warning("lease not renewed", error=repr(error))


@asynccontextmanager
async def renewed(statement: Callable[[], Awaitable[object]]) -> AsyncIterator[None]:
    """Run the statement every RENEW seconds while the block runs; when that has ended, it is not under way any more."""
    ended = asyncio.Event()

    async def keep() -> None:
        while not ended.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(ended.wait(), RENEW)
            if not ended.is_set():
                await renew(statement)

    keeping = asyncio.create_task(keep())
    try:
        yield
    finally:
        ended.set()
        await asyncio.wait([keeping])

"""The transaction of a unit of work."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from entrepot.engine.call import Call

ACQUIRE_TIMEOUT = 10.0
"""Seconds to wait for a free connection."""


@asynccontextmanager
async def writing(call: Call) -> AsyncIterator[None]:
    """One transaction on a connection of its own; committed when the block ends, undone when it raises."""
    assert call.connection is None
    async with (
        call.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection,
        connection.transaction(isolation="read_committed"),
    ):
        call.connection = connection
        try:
            yield
        finally:
            call.connection = None

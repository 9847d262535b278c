"""The transaction of a unit of work."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from entrepot.engine.call import Call


@asynccontextmanager
async def writing(call: Call) -> AsyncIterator[None]:
    """One transaction on a connection of its own; committed when the block ends, undone when it raises."""
    assert call.connection is None
    async with call.pool.unit(None if call.caller is None else call.marketplace_id) as connection:
        call.connection = connection
        try:
            yield
        finally:
            call.connection = None

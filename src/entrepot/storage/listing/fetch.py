"""Running a compiled list: one statement for a page, a second only beyond the end."""

from __future__ import annotations

from typing import Any, Protocol

import asyncpg

from entrepot.storage.listing.compile import CompiledList


class Connection(Protocol):
    """A connection or a pool."""

    async def fetch(self, query: str, *args: Any) -> list[asyncpg.Record]: ...

    async def fetchval(self, query: str, *args: Any) -> Any: ...


async def fetch_page(connection: Connection, compiled: CompiledList) -> tuple[list[asyncpg.Record], int]:
    """The rows of the page and the total of all matches."""
    rows = await connection.fetch(compiled.sql, *compiled.args)
    total = compiled.total(rows)
    if total is None:
        total = int(await connection.fetchval(compiled.count_sql, *compiled.count_args))
    return rows, total

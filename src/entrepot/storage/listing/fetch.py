"""Running a compiled list: one statement for a page, a second only beyond the end."""

from __future__ import annotations

from typing import Any, Protocol

import asyncpg

from entrepot.storage.listing.compile import FACETS, CompiledList


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


async def fetch_facets(connection: Connection, compiled: CompiledList, rows: list[asyncpg.Record]) -> str:
    """The facets of the whole result as JSON text. A statement of its own only where the page is empty."""
    assert compiled.facets_sql is not None
    if rows:
        return rows[0][FACETS] or "[]"
    return await connection.fetchval(compiled.facets_sql, *compiled.facets_args) or "[]"

"""Running a compiled list: one statement for a page, a second only far from the start and beyond the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import asyncpg

from entrepot.storage.listing.compile import CompiledList, PreparedList
from entrepot.storage.listing.skeletons import COUNT, FACETS, ITEMS, TOTAL
from entrepot.storage.ready_pool import ReadyPool


class Connection(Protocol):
    """A connection or a pool."""

    async def fetch(self, query: str, *args: Any) -> list[asyncpg.Record]: ...

    async def fetchrow(self, query: str, *args: Any) -> asyncpg.Record | None: ...

    async def fetchval(self, query: str, *args: Any) -> Any: ...


async def fetch_page(connection: Connection, compiled: CompiledList) -> tuple[list[asyncpg.Record], int]:
    """The rows of the page and the total of all matches."""
    connection = _planning(connection) if compiled.searches else connection
    if compiled.is_deep:
        sql, args = compiled.count
        number = int(await connection.fetchval(sql, *args))
        if compiled.offset >= number:
            return [], number
        compiled = compiled.of(number)
        return await connection.fetch(compiled.sql, *compiled.args), number
    rows = await connection.fetch(compiled.sql, *compiled.args)
    total = compiled.total(rows)
    if total is None:
        sql, args = compiled.count
        total = int(await connection.fetchval(sql, *args))
    return rows, total


async def fetch_facets(connection: Connection, compiled: CompiledList, rows: list[asyncpg.Record]) -> str:
    """The facets of the whole result as JSON text. A statement of its own only where the page is empty."""
    if rows:
        return rows[0][FACETS] or "[]"
    sql, args = compiled.facets
    return await connection.fetchval(sql, *args) or "[]"


@dataclass(slots=True)
class ItemPage:
    """A page of a source with `item`. items: the JSON text of the array of its wire objects, UTF-8; row: what came beside it."""

    items: bytes
    count: int
    total: int
    row: asyncpg.Record

    @property
    def facets(self) -> str:
        """The facets of the whole result as JSON text; for sources that have facets."""
        return self.row[FACETS] or "[]"


async def fetch_items(connection: Connection, prepared: PreparedList, scope: Mapping[str, Any]) -> ItemPage:
    """The page of a source with `item`. One statement, also where it is empty; one more far from the start. Raises KeyError as
    PreparedList.bind.
    """
    connection = _planning(connection) if prepared.searches else connection
    total = None
    if prepared.is_deep:
        sql, args = prepared.count(scope)
        total = int(await connection.fetchval(sql, *args))
        prepared = prepared.of(total)
    sql, args = prepared.page(scope)
    row = await connection.fetchrow(sql, *args)
    assert row is not None
    count = row[COUNT]
    if total is None:
        total = prepared.offset + count if row[TOTAL] is None else int(row[TOTAL])
    return ItemPage(f"[{row[ITEMS] or ''}]".encode(), count, total, row)


def _planning(connection: Connection) -> Connection:
    return connection.anew if isinstance(connection, ReadyPool) else connection

"""The connection of a unit that writes: it notes what the unit has written of what processes remember."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import asyncpg

from entrepot.declare.feeds import Feed, Feeds
from entrepot.engine.feeding import Fed, Feeding

RAISE = {
    Feed.SECURITY: "UPDATE security_epochs SET epoch = epoch + 1 WHERE marketplace_id = $1",
    Feed.CATALOG: "UPDATE catalog_epochs SET epoch = epoch + 1 WHERE marketplace_id = $1",
}


class Recording:
    """Runs statements on a connection within one transaction of a marketplace."""

    def __init__(self, connection: asyncpg.Connection, feeding: Feeding) -> None:
        self.connection = connection
        self.touched: set[Feed] = set()
        """What has to be raised before the unit commits."""
        self._feeding = feeding
        self._excused: frozenset[Feed] = frozenset()

    async def execute(self, query: str, *args: Any) -> str:
        status = await self.connection.execute(query, *args)
        fed = self._feeding.of(query)
        if fed.feeds:
            # `UPDATE 0`, `INSERT 0 0`
            self._note(fed, wrote=not (fed.alone and status.endswith(" 0")))
        return status

    async def fetch(self, query: str, *args: Any) -> list[asyncpg.Record]:
        rows = await self.connection.fetch(query, *args)
        self._note_rows(query, rows)
        return rows

    async def fetchrow(self, query: str, *args: Any) -> asyncpg.Record | None:
        row: asyncpg.Record | None = await self.connection.fetchrow(query, *args)
        self._note_rows(query, () if row is None else (row,))
        return row

    async def fetchval(self, query: str, *args: Any) -> Any:
        row = await self.fetchrow(query, *args)
        return None if row is None else row[0]

    def transaction(self) -> Any:
        """A part of the unit that can be undone alone. What it noted stays noted."""
        return self.connection.transaction()

    @contextmanager
    def excusing(self, feeds: Sequence[Feeds], row: Mapping[str, Any]) -> Iterator[None]:
        """What is written within the block concerns this row, as it was, of which perhaps nothing is remembered."""
        before = self._excused
        self._excused = before | {each.feed for each in feeds if each.unless is not None and each.unless(row)}
        try:
            yield
        finally:
            self._excused = before

    async def raise_epochs(self, marketplace_id: int) -> None:
        """The unit's last statements: raised rows stay locked until it commits. Security first, in every unit."""
        for feed in sorted(self.touched):
            await self.connection.execute(RAISE[feed], marketplace_id)

    def _note_rows(self, query: str, rows: Sequence[asyncpg.Record]) -> None:
        fed = self._feeding.of(query)
        if fed.feeds:
            # A plain write that returns something, or why fetch.
            self._note(fed, wrote=bool(rows) or not fed.alone)

    def _note(self, fed: Fed, *, wrote: bool) -> None:
        if wrote:
            self.touched |= {each.feed for each in fed.feeds} - self._excused

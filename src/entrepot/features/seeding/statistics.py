"""The planner's knowledge of what a seed writes. Its statements run by the thousand on tables that nobody else will have
analyzed before the commit: where the statistics are of the time before, the new marketplace is not in them, and one
plan made for an empty table takes minutes.
"""

from __future__ import annotations

from collections.abc import Iterable

import asyncpg

WORTH_ANALYZING = 100
"""Rows of a table from which on the planner is told of them before others look them up. Of a table that was never analyzed it thinks
that one catalog holds one category: several hundred were read for each product that is placed in one, by the foreign key's
check, too.
"""
GROWTH = 16
"""It is told again when they have become as many times more. How long a table is by now it sees by itself, and 30,000 rows are sorted
each time: with 4 in place of 16 that took a twelfth of the database's part in a seed of 100,000 products.
"""

# By the server's own count, so that what rules write beside the records themselves is not forgotten.
WRITTEN = """
SELECT quote_ident(relname) AS name, n_tup_ins + n_tup_upd AS rows
FROM pg_stat_xact_user_tables WHERE schemaname = current_schema() AND n_tup_ins + n_tup_upd > 0 ORDER BY relname
"""
# Rows are looked up by what is in B-trees. To sort the texts and the JSON of tens of thousands of rows, too, takes three times as
# long; whoever reads the marketplace needs it, after the commit.
LOOKED_UP_BY = """
SELECT DISTINCT quote_ident(a.attname)
FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am m ON m.oid = x.relam
JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey)
WHERE i.indrelid = $1::text::regclass AND m.amname = 'btree'
"""
# Tables stay locked against another ANALYZE until the commit: large seeds take turns, rather than one another's tables.
TURN = "SELECT pg_advisory_xact_lock(1_702_061_925)"


class Statistics:
    """Keeps up with the tables of one seed, on its connection with an open transaction."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection
        self._known: dict[str, int] = {}
        self._records = self._due = 0

    def begin(self) -> None:
        """Before the records of a kind, which go to other tables than those before."""
        self._records = self._due = 0

    async def keep_up(self, records: int) -> None:
        """After so many more records: analyze the tables that have grown since by more than the planner can overlook.

        They are counted when the kind's records are twice as many as when they were counted last.
        """
        self._records += records
        if self._records < self._due:
            return
        self._due = 2 * self._records
        for name, rows in await self._connection.fetch(WRITTEN):
            if rows >= max(WORTH_ANALYZING, GROWTH * self._known.get(name, 0)):
                columns = [row[0] for row in await self._connection.fetch(LOOKED_UP_BY, name)]
                await self._analyze(f"{name} ({', '.join(columns)})")
                self._known[name] = rows

    async def finish(self, *, followed: bool) -> tuple[str, ...]:
        """Analyze large tables, unless `analyze` follows at once; all tables that the seed wrote."""
        written = await self._connection.fetch(WRITTEN)
        for name, rows in () if followed else written:
            if rows >= WORTH_ANALYZING:
                await self._analyze(name)
        return tuple(name for name, _ in written)

    async def _analyze(self, what: str) -> None:
        if not self._known:
            await self._connection.execute(TURN)
        await self._connection.execute(f"ANALYZE {what}")


async def analyze(connection: asyncpg.Connection, tables: Iterable[str]) -> None:
    """After the commit: also the tables with few rows; those that somebody else is analyzing are left to them."""
    for name in tables:
        await connection.execute(f"ANALYZE (SKIP_LOCKED) {name}")

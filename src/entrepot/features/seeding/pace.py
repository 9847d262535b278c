"""How a seed shares the database with those who are served by it meanwhile.

What it writes, it writes in batches, since whoever commits beside it waits until what it has written so far is on the disk.
While others are at work it rests after each batch as long as the batch took, so that half of the time is theirs alone;
with nobody else there it never rests.
"""

from __future__ import annotations

import time
from asyncio import sleep

import asyncpg

BATCH = 1_000
"""Rows of one statement, at most; of products it takes a fifth of a second and two megabytes of the log."""
BUSY = 10.0
"""Transactions a second of others from which on a seed rests. Servers that nobody calls have two or three."""
WINDOW = 2.0
"""Seconds over which they are counted: sessions tell the database what they have done about once a second."""
LONGEST_REST = 1.0

# Counts of others change within our transaction, too; nothing of ours is worth a second process. Of tables as short as catalogs or some
# hundred categories the planner reads all rows, comparing citext as if that cost nothing, for each row that refers to one.
SESSION = """
SET LOCAL stats_fetch_consistency = 'none';
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL enable_seqscan = off;
"""
COMMITTED = """
SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()
"""


class Pace:
    """Of one seed, on its connection."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection
        self._since = self._rested = 0.0
        self._committed = 0
        self._busy = False

    async def look(self) -> None:
        """See whether others are at work: for the first time before the file is read, so that it is known afterwards."""
        now = time.monotonic()
        if now - self._since >= WINDOW:
            committed = await self._connection.fetchval(COMMITTED)
            self._busy = self._since > 0 and committed - self._committed > BUSY * (now - self._since)
            self._since, self._committed = now, committed

    async def begin(self) -> None:
        """At the beginning of the transaction."""
        await self._connection.execute(SESSION)
        await self.look()
        self._rested = time.monotonic()

    async def rest(self) -> None:
        """After each batch."""
        await self.look()
        if self._busy:
            await sleep(min(LONGEST_REST, time.monotonic() - self._rested))
        self._rested = time.monotonic()

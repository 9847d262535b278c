"""What the log of requests forgets: what is too old, and the oldest of what is too much."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from entrepot.features.people.marketplaces import all_marketplaces
from entrepot.kernel.clock import Clock
from entrepot.storage.ready_pool import ReadyPool

INTERVAL = 60.0
"""Seconds between two rounds. A marketplace that is busy is trimmed as it is written, too."""
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
BATCH = 5_000
"""Rows that one statement deletes."""

SURPLUS = """
SELECT created_at, "ID" FROM logged_requests WHERE marketplace_id = $1 ORDER BY created_at DESC, "ID" DESC OFFSET $2 LIMIT 1
"""
DELETE = f"""
DELETE FROM logged_requests WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM logged_requests WHERE marketplace_id = $1 AND (created_at, "ID") <= ($2, $3::text::citext)
    ORDER BY created_at, "ID" LIMIT {BATCH} FOR UPDATE SKIP LOCKED))
"""
"""By where they stand, since nothing ever changes them: a quarter of what it costs to look for their keys."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many requests the log of a marketplace keeps, and for how long."""

    rows: int = 100_000
    age: timedelta = timedelta(hours=24)


async def trim_all(pool: ReadyPool, clock: Clock, bounds: Bounds) -> int:
    """One round over all marketplaces; how many rows were deleted."""
    all_ = await all_marketplaces(pool)
    return sum([await trim(pool, each, bounds.rows, clock() - bounds.age) for each in all_])


async def trim(pool: ReadyPool, marketplace_id: int, keep: int, until: datetime = LONG_AGO) -> int:
    """One marketplace's: all but the last `keep`, and whatever is as old as `until`. How many rows were deleted."""
    last = (until, "")
    surplus = await pool.fetchrow(SURPLUS, marketplace_id, keep)
    if surplus is not None:
        last = max(last, tuple(surplus))
    count, deleted = 0, BATCH
    while deleted == BATCH:
        deleted = int((await pool.execute(DELETE, marketplace_id, *last)).split()[-1])
        count += deleted
    return count

"""Removes returns that were never submitted and that nobody has touched for long (RET-6)."""

from __future__ import annotations

from datetime import datetime, timedelta

import asyncpg

from entrepot.domain.orders.status import DRAFT
from entrepot.engine.event_log import logged
from entrepot.engine.statements import texts
from entrepot.features.people.marketplaces import marketplace_times
from entrepot.kernel.clock import Clock

INTERVAL = 3600.0
"""Seconds between two rounds."""
BATCH = 1000
"""Returns that one transaction removes."""
AGE = timedelta(days=14)
"""How long they stay after their last change."""

# Whoever changes a return writes its LastUpdated, which the lock sees; what is being changed is passed over.
DELETE_IDLE = f"""
WITH idle AS (
    SELECT r.key, r."ID" FROM order_returns r
    WHERE r.marketplace_id = $1 AND r."Status" IN ({texts(DRAFT)}) AND r."LastUpdated" <= $2
    ORDER BY r."LastUpdated" LIMIT $3 FOR UPDATE SKIP LOCKED),
told AS ({logged("OrderReturns.DeleteIdle", "idle")})
DELETE FROM order_returns d USING idle WHERE d.marketplace_id = $1 AND d.key = idle.key
RETURNING d.key
"""

NEXT = f"""
SELECT min(r."LastUpdated") + interval '{AGE}' FROM order_returns r
WHERE r.marketplace_id = $1 AND r."Status" IN ({texts(DRAFT)}) AND r."LastUpdated" > $2::timestamptz - interval '{AGE}'
"""
"""When, after $2, the next one of a marketplace has idled long enough."""


async def delete_idle(pool: asyncpg.Pool, clock: Clock) -> int:
    """One round over all marketplaces, each by its own time; how many there were."""
    return sum([await delete_idle_of(pool, each, now) for each, now in await marketplace_times(pool, clock)])


async def delete_idle_of(pool: asyncpg.Pool, marketplace_id: int, now: datetime) -> int:
    """Those of one marketplace; how many there were."""
    count = 0
    while deleted := await pool.fetch(DELETE_IDLE, marketplace_id, now - AGE, BATCH):
        count += len(deleted)
    return count

"""Removes unsubmitted orders that nobody has touched for long (ST-15)."""

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
"""Orders that one transaction removes."""
EMPTY = timedelta(hours=24)
GUESTS = timedelta(days=7)
PROFILED = timedelta(days=90)
"""How long an order without lines, an anonymous shopper's, and anybody else's stay after their last change."""

_EMPTY = "NOT EXISTS (SELECT 1 FROM line_items l WHERE l.marketplace_id = $1 AND l.order_key = o.key)"
# A change of lines changes the order's LastUpdated, too, so that the lock sees it; what is being changed is passed over.
DELETE_IDLE = f"""
WITH idle AS (
    SELECT o.key, o."ID" FROM orders o
    WHERE o.marketplace_id = $1 AND o."Status" IN ({texts(DRAFT)}) AND o."LastUpdated" <= $2
      AND (o."LastUpdated" <= CASE WHEN o.guest THEN $3::timestamptz ELSE $4::timestamptz END
           OR {_EMPTY})
    ORDER BY o."LastUpdated" LIMIT $5 FOR UPDATE SKIP LOCKED),
told AS ({logged("Orders.DeleteIdle", "idle")})
DELETE FROM orders d USING idle WHERE d.marketplace_id = $1 AND d.key = idle.key
RETURNING d.key
"""

NEXT = f"""
SELECT min(d.moment) FROM (
    SELECT o."LastUpdated" + CASE WHEN {_EMPTY} THEN interval '{EMPTY}' WHEN o.guest THEN interval '{GUESTS}'
        ELSE interval '{PROFILED}' END AS moment
    FROM orders o WHERE o.marketplace_id = $1 AND o."Status" IN ({texts(DRAFT)})) d
WHERE d.moment > $2
"""
"""When, after $2, the next one of a marketplace has idled long enough."""


async def delete_idle(pool: asyncpg.Pool, clock: Clock) -> int:
    """One round over all marketplaces, each by its own time; how many there were."""
    return sum([await delete_idle_of(pool, each, now) for each, now in await marketplace_times(pool, clock)])


async def delete_idle_of(pool: asyncpg.Pool, marketplace_id: int, now: datetime) -> int:
    """Those of one marketplace, with everything that belongs to the orders (DEL-1); how many there were."""
    ages = (now - EMPTY, now - GUESTS, now - PROFILED)
    count = 0
    while deleted := await pool.fetch(DELETE_IDLE, marketplace_id, *ages, BATCH):
        count += len(deleted)
    return count

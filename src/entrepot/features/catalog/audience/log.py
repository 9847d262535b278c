"""Removes old rows of the log of catalog changes; whoever is so far behind starts anew."""

from __future__ import annotations

import asyncpg

from entrepot.engine.catalog_log import forget_changes
from entrepot.features.people.marketplaces import all_marketplaces
from entrepot.kernel.clock import Clock

INTERVAL = 300.0
"""Seconds between two rounds."""
BATCH = 1000
"""Rows that one statement removes."""
BATCHES = 20
"""Statements for one marketplace and round; what is left is for the next one."""


async def delete_old(pool: asyncpg.Pool, clock: Clock) -> int:
    """One round over all marketplaces; how many rows there were."""
    now, count = clock(), 0
    for marketplace_id in await all_marketplaces(pool):
        for _ in range(BATCHES):
            deleted = await forget_changes(pool, marketplace_id, now, BATCH)
            count += deleted
            if deleted < BATCH:
                break
    return count

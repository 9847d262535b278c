"""Kept totals of users that differ from what counting tells, because somebody wrote users by hand, are settled, and told of in the
log (ADR 0019).
"""

from __future__ import annotations

import structlog

from entrepot.engine import totals
from entrepot.features.people.identity.resources import USER
from entrepot.features.people.marketplaces import all_marketplaces
from entrepot.storage.ready_pool import ReadyPool

INTERVAL = 6 * 3600.0
"""Seconds between two rounds."""
LOCK = "SELECT 1 FROM marketplaces WHERE marketplace_id = $1 FOR NO KEY UPDATE SKIP LOCKED"
"""Two processes would settle the same difference twice."""

log = structlog.get_logger("entrepot.identity")


async def recount(pool: ReadyPool) -> None:
    """One round over all marketplaces; those in which others lock the same are left for the next one."""
    for marketplace_id in await all_marketplaces(pool):
        async with pool.unit(marketplace_id) as connection:
            if await connection.fetchval(LOCK, marketplace_id):
                settled = await totals.settle(connection, marketplace_id, USER)
                if settled:
                    log.warning("totals of users differed", marketplace_key=marketplace_id, groups=settled)

"""Invitations that have ended are deleted (GRP-1); the lines that they have brought stay."""

from __future__ import annotations

import asyncpg

from entrepot.features.people.marketplaces import all_marketplaces
from entrepot.kernel.clock import Clock

INTERVAL = 3600.0
"""Seconds between two rounds."""

DELETE = 'DELETE FROM group_order_invitations WHERE marketplace_id = $1 AND "ExpirationDate" <= $2'


async def delete_expired(pool: asyncpg.Pool, clock: Clock) -> None:
    """One round over all marketplaces. Nothing relies on it: what has ended is refused where it is used."""
    now = clock()
    for marketplace_id in await all_marketplaces(pool):
        await pool.execute(DELETE, marketplace_id, now)

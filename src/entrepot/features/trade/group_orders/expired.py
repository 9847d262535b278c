"""Invitations that have ended are deleted (GRP-1); the lines that they have brought stay."""

from __future__ import annotations

from datetime import datetime

import asyncpg

from entrepot.features.people.marketplaces import marketplace_times
from entrepot.kernel.clock import Clock

INTERVAL = 3600.0
"""Seconds between two rounds."""

DELETE = 'DELETE FROM group_order_invitations WHERE marketplace_id = $1 AND "ExpirationDate" <= $2'

NEXT = 'SELECT min("ExpirationDate") FROM group_order_invitations WHERE marketplace_id = $1 AND "ExpirationDate" > $2'
"""When, after $2, the next one of a marketplace ends."""


async def delete_expired(pool: asyncpg.Pool, clock: Clock) -> None:
    """One round over all marketplaces, each by its own time. Nothing relies on it: what has ended is refused where it is used."""
    for marketplace_id, now in await marketplace_times(pool, clock):
        await delete_expired_of(pool, marketplace_id, now)


async def delete_expired_of(pool: asyncpg.Pool, marketplace_id: int, now: datetime) -> int:
    """Those of one marketplace; how many there were."""
    status = await pool.execute(DELETE, marketplace_id, now)
    return int(status.rpartition(" ")[2])

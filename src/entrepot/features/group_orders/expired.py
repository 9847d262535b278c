"""Invitations that have ended are deleted (GRP-1); the lines that they have brought stay."""

from __future__ import annotations

import asyncpg

from entrepot.kernel.clock import Clock

INTERVAL = 3600.0
"""Seconds between two rounds."""

MARKETPLACES = "SELECT marketplace_id FROM marketplace_directory WHERE kind = 'marketplace'"
DELETE = 'DELETE FROM group_order_invitations WHERE marketplace_id = $1 AND "ExpirationDate" <= $2'


async def delete_expired(pool: asyncpg.Pool, clock: Clock) -> None:
    """One round over all marketplaces. Nothing relies on it: what has ended is refused where it is used."""
    now = clock()
    for row in await pool.fetch(MARKETPLACES):
        await pool.execute(DELETE, row["marketplace_id"], now)

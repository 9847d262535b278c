"""Removes refresh tokens, codes and signing keys that have ended."""

from __future__ import annotations

import asyncpg

from entrepot.features.credentials import keys
from entrepot.features.marketplaces import all_marketplaces
from entrepot.kernel.clock import Clock

INTERVAL = 3600.0
"""Seconds between two rounds."""

DELETE_TOKENS = "DELETE FROM refresh_tokens WHERE marketplace_id = $1 AND expires_at <= $2"
DELETE_CODES = "DELETE FROM user_codes WHERE marketplace_id = $1 AND expires_at <= $2"


async def delete_ended(pool: asyncpg.Pool, clock: Clock) -> None:
    """One round over all marketplaces. Nothing relies on it: what has ended is refused wherever it is used."""
    now = clock()
    await keys.delete_retired(pool, now)
    for marketplace_id in await all_marketplaces(pool):
        await pool.execute(DELETE_TOKENS, marketplace_id, now)
        await pool.execute(DELETE_CODES, marketplace_id, now)

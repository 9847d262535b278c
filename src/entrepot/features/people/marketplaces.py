"""The marketplaces of this installation, for work that goes through all of them."""

from __future__ import annotations

import asyncpg

MARKETPLACES = (
    "SELECT marketplace_id FROM marketplace_directory WHERE kind = 'marketplace' ORDER BY marketplace_id"
)


async def all_marketplaces(pool: asyncpg.Pool) -> list[int]:
    """Their keys in order. One statement."""
    return [row["marketplace_id"] for row in await pool.fetch(MARKETPLACES)]

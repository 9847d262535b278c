"""The marketplaces of this installation, for work that goes through all of them."""

from __future__ import annotations

from datetime import datetime

import asyncpg

from entrepot.domain.time.virtual import seconds_ahead, shown
from entrepot.engine.call import Database
from entrepot.engine.marketplace_time import COLUMNS, JOIN, time_of
from entrepot.kernel.clock import Clock

MARKETPLACES = (
    "SELECT marketplace_id FROM marketplace_directory WHERE kind = 'marketplace' ORDER BY marketplace_id"
)
TIMES = f"""
SELECT d.marketplace_id, {COLUMNS} FROM marketplace_directory d
LEFT JOIN virtual_clocks k ON k.marketplace_id = d.marketplace_id
WHERE d.kind = 'marketplace' ORDER BY d.marketplace_id
"""
TIME = f"SELECT {COLUMNS} FROM (SELECT 1) one {JOIN}"


async def all_marketplaces(pool: asyncpg.Pool) -> list[int]:
    """Their keys in order. One statement."""
    return [row["marketplace_id"] for row in await pool.fetch(MARKETPLACES)]


async def marketplace_times(pool: asyncpg.Pool, clock: Clock) -> list[tuple[int, datetime]]:
    """Their keys in order, each with what time it is there. One statement."""
    real = clock()
    return [(row["marketplace_id"], _shown(row, real)) for row in await pool.fetch(TIMES)]


async def time_in(db: Database, marketplace_id: int, clock: Clock) -> datetime:
    """What time it is in one. One statement."""
    return _shown(await db.fetchrow(TIME, marketplace_id), clock())


async def ahead_in(db: Database, marketplace_id: int) -> int:
    """As `Call.ahead`, for a call of the portal, which is in no marketplace. One statement."""
    row = await db.fetchrow(TIME, marketplace_id)
    return seconds_ahead(None if row is None else time_of(row))


def _shown(row: asyncpg.Record | None, real: datetime) -> datetime:
    return shown(None if row is None else time_of(row), real)

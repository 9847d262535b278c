"""The clock as it stands in the database, and who may move it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import asyncpg

from entrepot.domain.time.virtual import EARLIEST, TOO_LATE, VirtualTime, parse_duration
from entrepot.engine.call import Call, Database
from entrepot.engine.marketplace_time import COLUMNS, time_of
from entrepot.engine.units import unit_of
from entrepot.features.trade.clock.models import ClockMode
from entrepot.kernel.errors import (
    ClockAdvancingError,
    ClockDurationError,
    ClockMomentError,
    ClockRangeError,
)

HELD = timedelta(minutes=2)
"""By the server's clock: how long whoever advances the clock keeps others from it without a sign of life."""

READ = f"SELECT {COLUMNS} FROM virtual_clocks k WHERE k.marketplace_id = $1"
FREE = "(k.advancing_until IS NULL OR k.advancing_until <= $4)"
SET = f"""
INSERT INTO virtual_clocks AS k (marketplace_id, moment, since, ahead, ages) VALUES ($1, $2, $3, $5, $6)
ON CONFLICT (marketplace_id) DO UPDATE SET moment = $2, since = $3, ahead = $5, ages = $6, advancing_until = NULL WHERE {FREE}
RETURNING true
"""
TAKE = f"""
INSERT INTO virtual_clocks AS k (marketplace_id, moment, since, advancing_until) VALUES ($1, $2, $3, $5)
ON CONFLICT (marketplace_id) DO UPDATE SET advancing_until = $5 WHERE {FREE}
RETURNING {COLUMNS}
"""
MOVE = "UPDATE virtual_clocks SET moment = $2, since = $3, advancing_until = $4, ahead = $5 WHERE marketplace_id = $1"
KEEP = (
    "UPDATE virtual_clocks SET advancing_until = $2 WHERE marketplace_id = $1 AND advancing_until IS NOT NULL"
)
FREE_AGAIN = "UPDATE virtual_clocks SET advancing_until = NULL WHERE marketplace_id = $1"
LOCK = "SELECT advancing_until FROM virtual_clocks WHERE marketplace_id = $1 FOR UPDATE"
ALL = "SELECT marketplace_id FROM virtual_clocks"
END = """
WITH ended AS (DELETE FROM virtual_clocks WHERE marketplace_id = $1 RETURNING marketplace_id)
UPDATE security_epochs e SET epoch = epoch + 1 FROM ended WHERE e.marketplace_id = $1
"""
DELETE = "DELETE FROM virtual_clocks WHERE marketplace_id = $1"


async def read_clock(db: Database, marketplace_id: int) -> VirtualTime | None:
    """None where it is the server's. One statement."""
    row = await db.fetchrow(READ, marketplace_id)
    return None if row is None else time_of(row)


async def set_clock(call: Call, time: VirtualTime) -> None:
    """In the open unit. Raises 409 while it is being advanced."""
    arguments = (call.marketplace_id, time.moment, time.since, call.server_clock(), time.ahead, time.ages)
    if await call.db.fetchval(SET, *arguments) is None:
        raise ClockAdvancingError


async def back_to_server(call: Call) -> None:
    """In the open unit. Raises 409 while it is being advanced."""
    until = await call.db.fetchval(LOCK, call.marketplace_id)
    if until is not None and until > call.server_clock():
        raise ClockAdvancingError
    await call.db.execute(DELETE, call.marketplace_id)


async def take_clock(call: Call) -> VirtualTime:
    """Keep it from others, for HELD; one that is the server's becomes one that runs from now. Raises 409 where somebody has it."""
    real = call.server_clock()
    async with unit_of(call, call.marketplace_id) as unit:
        row = await unit.fetchrow(TAKE, call.marketplace_id, real, real, real, real + HELD)
    time = None if row is None else time_of(row)
    if time is None:
        raise ClockAdvancingError
    return time


async def move_clock(call: Call, time: VirtualTime) -> None:
    """To where it is now; whoever calls has taken it, and keeps it."""
    async with unit_of(call, call.marketplace_id) as unit:
        await unit.execute(
            MOVE, call.marketplace_id, time.moment, time.since, call.server_clock() + HELD, time.ahead
        )


async def keep_clock(call: Call) -> None:
    """For HELD from now on; whoever calls has taken it."""
    await call.pool.execute(KEEP, call.marketplace_id, call.server_clock() + HELD)


async def free_clock(pool: asyncpg.Pool, marketplace_id: int) -> None:
    """Let others move it."""
    await pool.execute(FREE_AGAIN, marketplace_id)


async def set_all_back(pool: asyncpg.Pool) -> None:
    """All clocks to the server's: a server without its test bench knows no other time."""
    for row in await pool.fetch(ALL):
        await pool.execute(END, row["marketplace_id"])


def wanted(setting: Mapping[str, Any], shown: datetime, real: datetime) -> VirtualTime:
    """The clock that a ClockSetting asks for; `shown`: by the present one. Raises what is wrong with it."""
    moment, shift = setting["Moment"], setting["Shift"]
    if moment is not None and shift:
        raise ClockMomentError
    if shift:
        moment = in_range(real, -duration(shift[1:]) if shift.startswith("-") else duration(shift))
    start = in_range(shown if moment is None else moment, timedelta())
    since = None if setting["Mode"] == ClockMode.FROZEN else real
    return VirtualTime(start, since, start - real, bool(setting["Tokens"]))


def duration(text: str) -> timedelta:
    """Raises ClockDurationError."""
    try:
        return parse_duration(text)
    except ValueError:
        raise ClockDurationError from None


def in_range(moment: datetime, step: timedelta) -> datetime:
    """The moment a step later. Raises ClockRangeError beyond what a clock can show."""
    if not EARLIEST <= moment < TOO_LATE or not EARLIEST - moment <= step < TOO_LATE - moment:
        raise ClockRangeError
    return moment + step

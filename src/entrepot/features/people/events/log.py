"""The log of what has happened as it stands in the database: begun when somebody listens, numbered, read, forgotten.

Who writes (engine/event_log.py) numbers nothing: of two units the one that began to write later can stand first. Numbers are given to
rows that stand, under the lock of the marketplace's row in `event_logs`; so nobody who has read up to a number has missed a lower
one, and between two numbers of a log there is none that is not there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import structlog

from entrepot.declare.feeds import Feed
from entrepot.engine.call import Call, Database
from entrepot.engine.recording import RAISE
from entrepot.engine.units import unit_of
from entrepot.kernel.clock import Clock
from entrepot.storage.ready_pool import ReadyPool

KEPT = timedelta(hours=24)
"""How long an event is known, and how long events are written after somebody has listened."""
KEPT_ROWS = 100_000
"""Of one marketplace."""
INTERVAL = 60.0
"""Seconds between two rounds in which events are forgotten."""
NUMBERED = 5_000
"""Rows that get their numbers in one transaction."""
BATCH = 1_000
"""Rows that one statement removes."""
LONGEST_UNITS = 5.0
"""Seconds that a log which begins waits for units that do not know of it."""
LOOK_AGAIN = 0.02

OPEN = """
INSERT INTO event_logs AS l (marketplace_id, listened_at) VALUES ($1, $2)
ON CONFLICT (marketplace_id) DO UPDATE SET listened_at = $2, number = l.number + 1, forgotten = l.number + 1
WHERE l.listened_at IS NULL RETURNING true
"""
"""What happened since it was given up is one event of which nobody knows."""
NOW = "SELECT clock_timestamp()"
UNITS_BEFORE = """
SELECT EXISTS (
    SELECT 1 FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend' AND xact_start < $1 AND pid <> pg_backend_pid())
"""
STATE = """
SELECT e.epoch, l.number, l.forgotten,
       EXISTS (SELECT 1 FROM told_events t WHERE t.marketplace_id = $1 AND t.number IS NULL) AS unnumbered
FROM security_epochs e
JOIN event_logs l ON l.marketplace_id = $1 AND l.listened_at IS NOT NULL
WHERE e.marketplace_id = $1
"""
LOCK = "SELECT number FROM event_logs WHERE marketplace_id = $1 FOR NO KEY UPDATE"
NUMBER = f"""
WITH fresh AS (
    SELECT u.key, row_number() OVER (ORDER BY u.key) AS place
    FROM (SELECT key FROM told_events WHERE marketplace_id = $1 AND number IS NULL ORDER BY key LIMIT {NUMBERED}) u),
numbered AS (
    UPDATE told_events t SET number = CAST($2 AS bigint) + fresh.place FROM fresh WHERE t.marketplace_id = $1 AND t.key = fresh.key)
UPDATE event_logs SET number = CAST($2 AS bigint) + (SELECT count(*) FROM fresh) WHERE marketplace_id = $1 RETURNING number
"""
READ = """
SELECT number, operation, item, named, user_id, username, client_id, request_id, told_at FROM told_events
WHERE marketplace_id = $1 AND number > $2 ORDER BY number LIMIT $3
"""
TOUCH = "UPDATE event_logs SET listened_at = $2 WHERE marketplace_id = $1 AND listened_at IS NOT NULL"
LOGS = "SELECT marketplace_id, listened_at FROM event_logs WHERE listened_at IS NOT NULL"
CLOSE = """
UPDATE event_logs SET listened_at = NULL, forgotten = number
WHERE marketplace_id = $1 AND listened_at <= $2 RETURNING true
"""
CLEAR = "DELETE FROM told_events WHERE marketplace_id = $1"
FORGET = f"""
WITH first AS (
    SELECT key, number, told_at FROM told_events WHERE marketplace_id = $1 AND number IS NOT NULL ORDER BY number LIMIT {BATCH}),
old AS (SELECT key, number FROM first WHERE told_at <= $2 OR number <= CAST($3 AS bigint) - {KEPT_ROWS}),
gone AS (DELETE FROM told_events t USING old WHERE t.marketplace_id = $1 AND t.key = old.key)
UPDATE event_logs SET forgotten = greatest(forgotten, (SELECT max(number) FROM old)) WHERE marketplace_id = $1
RETURNING (SELECT count(*) FROM old)
"""
ALL_OFF = "SELECT marketplace_id FROM event_logs WHERE listened_at IS NOT NULL"

log = structlog.get_logger("entrepot.events")


@dataclass(frozen=True, slots=True)
class State:
    """How far a log is: the last number, the last that is forgotten, whether there are rows without one, and the security epoch."""

    epoch: int
    number: int
    forgotten: int
    unnumbered: bool


async def open_log(call: Call) -> None:
    """From now on what happens in the caller's marketplace is written down: when this ends, by every unit that is yet to stand."""
    async with unit_of(call, call.marketplace_id) as unit:
        await unit.fetchval(OPEN, call.marketplace_id, call.server_clock())
    begun, waited = await call.pool.fetchval(NOW), 0.0
    # Each unit confirms its caller after its transaction has begun; those that did before know nothing of the log.
    while waited < LONGEST_UNITS and await call.pool.fetchval(UNITS_BEFORE, begun):
        await asyncio.sleep(LOOK_AGAIN)
        waited += LOOK_AGAIN
    if waited >= LONGEST_UNITS:
        log.warning("events begin beside a unit that is older", marketplace=call.marketplace_id)


async def state_of(pool: ReadyPool, marketplace_id: int) -> State | None:
    """None where nothing is written down. One statement, and those that number what is new."""
    row = await pool.fetchrow(STATE, marketplace_id)
    if row is None:
        return None
    number = await number_rows(pool, marketplace_id) if row["unnumbered"] else row["number"]
    return State(row["epoch"], number, row["forgotten"], row["unnumbered"])


async def number_rows(pool: ReadyPool, marketplace_id: int) -> int:
    """Give the rows that stand their numbers; the last one."""
    before, after = 0, NUMBERED
    while after - before == NUMBERED:
        async with pool.unit(marketplace_id) as connection:
            before = await connection.fetchval(LOCK, marketplace_id) or 0
            after = await connection.fetchval(NUMBER, marketplace_id, before) or before
    return after


async def read(database: Database, marketplace_id: int, after: int, most: int) -> list[asyncpg.Record]:
    """The events after a number, in their order. One statement."""
    return await database.fetch(READ, marketplace_id, after, most)


async def touch(database: Database, marketplaces: Iterable[int], now: datetime) -> None:
    """Somebody listens to these. A statement for each."""
    for each in marketplaces:
        await database.execute(TOUCH, each, now)


async def forget_all(pool: ReadyPool, clock: Clock) -> int:
    """One round over all logs: events that are too old or too many go, and logs that nobody has listened to; how many."""
    count = 0
    for row in await pool.fetch(LOGS):
        marketplace_id, now = row["marketplace_id"], clock()
        if row["listened_at"] <= now - KEPT:
            count += await _close(pool, marketplace_id, now - KEPT)
        else:
            count += await forget(pool, marketplace_id, now - KEPT)
    return count


async def forget(pool: ReadyPool, marketplace_id: int, until: datetime) -> int:
    """Of one log; how many."""
    last, count, gone = await number_rows(pool, marketplace_id), 0, BATCH
    while gone == BATCH:
        gone = await pool.fetchval(FORGET, marketplace_id, until, last) or 0
        count += gone
    return count


async def set_all_off(pool: ReadyPool, now: datetime) -> None:
    """A server without its test bench writes nothing down."""
    for row in await pool.fetch(ALL_OFF):
        await _close(pool, row["marketplace_id"], now)


async def _close(pool: ReadyPool, marketplace_id: int, until: datetime) -> int:
    async with pool.unit(marketplace_id) as connection:
        if await connection.fetchval(CLOSE, marketplace_id, until) is None:
            return 0
        gone: Any = await connection.execute(CLEAR, marketplace_id)
        await connection.execute(RAISE[Feed.SECURITY], marketplace_id)
    return int(gone.rpartition(" ")[2])

"""The rows of recordings. A marketplace has one at a time that goes on, which is part of what is known of its callers."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import asyncpg

from entrepot.declare.feeds import Feed
from entrepot.engine.call import Database
from entrepot.engine.recording import RAISE
from entrepot.kernel.clock import Clock
from entrepot.kernel.errors import IdExistsError, RecordingRunsError, TooManyRecordingsError
from entrepot.storage.ready_pool import ReadyPool

USUAL, LONGEST = timedelta(hours=1), timedelta(days=1)
MOST = 20
"""Recordings of one marketplace."""
MOST_REQUESTS = 5_000
MOST_SIZE = 20_000_000
"""Characters of one recording; it ends where it has more of either."""
KEPT = timedelta(days=7)
"""After which a recording that has ended is deleted."""
INTERVAL = 15.0
"""Seconds between two looks for those whose time is over."""

LOCK = f"{RAISE[Feed.SECURITY]} RETURNING epoch"
"""First, since every unit takes it first. Processes ask anew who calls, and learn of the recording."""
COUNT = "SELECT count(*) FILTER (WHERE ended_at IS NULL), count(*) FROM recordings WHERE marketplace_id = $1"
ADD = """
INSERT INTO recordings (marketplace_id, "ID", "Name", created_at, expires_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (marketplace_id, "ID") DO NOTHING RETURNING true
"""
STOP = 'UPDATE recordings SET ended_at = $3 WHERE marketplace_id = $1 AND "ID" = $2 AND ended_at IS NULL RETURNING true'
REMOVE = 'DELETE FROM recordings WHERE marketplace_id = $1 AND "ID" = $2 RETURNING true'
KEEP = """
WITH r AS (
    SELECT requests, least(coalesce(ended_at, expires_at), expires_at) AS until FROM recordings
    WHERE marketplace_id = $1 AND "ID" = $2 FOR UPDATE),
kept AS (
    INSERT INTO recorded_requests (marketplace_id, recording, "ID", created_at, entry)
    SELECT $1, $2, t.id, t.at, t.entry FROM r CROSS JOIN unnest($3::text[], $4::timestamptz[], $5::text[]) AS t(id, at, entry)
    WHERE t.at <= r.until ORDER BY t.at, t.id LIMIT greatest(0, (SELECT $6::integer - requests FROM r))
    RETURNING length(entry) AS size)
UPDATE recordings SET requests = requests + (SELECT count(*) FROM kept), size = size + (SELECT coalesce(sum(k.size), 0) FROM kept k)
WHERE marketplace_id = $1 AND "ID" = $2
RETURNING requests, size, ended_at
"""
"""Of several processes some tell later than it ends what they have answered before."""
ENTRIES = """
SELECT entry FROM recorded_requests WHERE marketplace_id = $1 AND recording = $2 ORDER BY created_at, "ID"
"""
OVER = (
    'SELECT marketplace_id, "ID" AS id FROM recordings WHERE ended_at IS NULL AND expires_at <= $1 LIMIT 100'
)
OLD = 'SELECT marketplace_id, "ID" AS id FROM recordings WHERE ended_at <= $1 LIMIT 20'


async def start(
    unit: Database, marketplace_id: int, recording: str, name: str, now: datetime, lasts: timedelta
) -> None:
    """Within a unit. Raises RecordingRunsError, TooManyRecordingsError and IdExistsError."""
    await unit.fetchval(LOCK, marketplace_id)
    counted = await unit.fetchrow(COUNT, marketplace_id)
    running, all_of_them = counted or (0, 0)
    if running:
        raise RecordingRunsError
    if all_of_them >= MOST:
        raise TooManyRecordingsError
    if await unit.fetchval(ADD, marketplace_id, recording, name, now, now + lasts) is None:
        raise IdExistsError("Recording", recording)


async def stop(unit: Database, marketplace_id: int, recording: str, now: datetime) -> bool:
    """Within a unit; whether it went on."""
    await unit.fetchval(LOCK, marketplace_id)
    return bool(await unit.fetchval(STOP, marketplace_id, recording, now))


async def remove(unit: Database, marketplace_id: int, recording: str) -> bool:
    """Within a unit; whether it was there."""
    await unit.fetchval(LOCK, marketplace_id)
    return bool(await unit.fetchval(REMOVE, marketplace_id, recording))


async def keep(
    pool: ReadyPool,
    marketplace_id: int,
    recording: str,
    rows: list[tuple[str, datetime, str]],
    now: datetime,
) -> None:
    """Requests of a recording: ID, moment and entry of each; those that came after its end are left out. A full one ends."""
    async with pool.unit(marketplace_id) as unit:
        columns = map(list, zip(*rows, strict=True))
        kept = await unit.fetchrow(KEEP, marketplace_id, recording, *columns, MOST_REQUESTS)
    if kept is None or kept["ended_at"] is not None:
        return
    if kept["requests"] >= MOST_REQUESTS or kept["size"] >= MOST_SIZE:
        await _end(pool, marketplace_id, recording, now)


async def end_over(pool: ReadyPool, clock: Clock) -> int:
    """One round: recordings whose time is over end, those that are old go; how many there were."""
    now, count = clock(), 0
    for row in await pool.fetch(OVER, now):
        count += await _end(pool, row["marketplace_id"], row["id"], now)
    for row in await pool.fetch(OLD, now - KEPT):
        async with pool.unit(row["marketplace_id"]) as unit:
            count += await remove(unit, row["marketplace_id"], row["id"])
    return count


async def entries(
    connection: asyncpg.Connection | ReadyPool, marketplace_id: int, recording: str
) -> list[str]:
    """All of a recording, in the order in which they were answered."""
    found: list[Any] = await connection.fetch(ENTRIES, marketplace_id, recording)
    return [row["entry"] for row in found]


async def _end(pool: ReadyPool, marketplace_id: int, recording: str, now: datetime) -> bool:
    async with pool.unit(marketplace_id) as unit:
        return await stop(unit, marketplace_id, recording, now)

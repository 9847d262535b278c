"""Deliveries that have ended go after some days, in batches; those that wait for as long fail."""

from __future__ import annotations

from datetime import datetime, timedelta

import asyncpg

from entrepot.features.people.deliveries.failing import INTEGRATION
from entrepot.features.people.deliveries.failing import NAME as FAILED_NAME
from entrepot.features.people.deliveries.storing import LOCK_ENDPOINTS
from entrepot.features.people.marketplaces import all_marketplaces
from entrepot.kernel.clock import Clock
from entrepot.storage.ready_pool import ReadyPool

INTERVAL = 600.0
"""Seconds between two rounds of one process."""
BATCH = 1_000
MOST_BATCHES = 100
"""Of one marketplace in one round."""

DELETE = f"""
WITH old AS (
    SELECT key FROM deliveries WHERE marketplace_id = $1 AND ended_at < $2
    ORDER BY ended_at LIMIT {BATCH} FOR UPDATE SKIP LOCKED),
gone AS (DELETE FROM deliveries d USING old WHERE d.marketplace_id = $1 AND d.key = old.key RETURNING 1)
SELECT count(*) FROM gone
"""
END = f"""
WITH old AS (
    SELECT key FROM deliveries
    WHERE marketplace_id = $1 AND ended_at IS NULL AND created_at < $2 AND endpoint = ANY($5::citext[])
    ORDER BY created_at LIMIT {BATCH} FOR UPDATE SKIP LOCKED),
ended AS (
    UPDATE deliveries d SET status = 'Failed', failure = $4, ended_at = $3, due_at = NULL, lease = NULL, leased_until = NULL
    FROM old WHERE d.marketplace_id = $1 AND d.key = old.key
    RETURNING d.key, d."ID", d.aggregate, d.request_id, d.integration),
told AS (
    INSERT INTO outbox_events (marketplace_id, kind, aggregate, facts, request_id, told_at)
    SELECT $1, '{FAILED_NAME}', aggregate, json_build_object('delivery', "ID"), request_id, $3 FROM ended
    WHERE integration <> '{INTEGRATION}' AND EXISTS (
        SELECT 1 FROM error_configs e
        JOIN delivery_configs c ON c.marketplace_id = $1 AND c."ID" = e."DeliveryConfigID" AND c."Enabled"
        WHERE e.marketplace_id = $1)
    ORDER BY key)
SELECT count(*) FROM ended
"""
"""The error configuration hears of them (ERR-1), where there is one."""
TOO_LATE = "It could not be delivered in time."
OLD = f"""
SELECT DISTINCT old.endpoint FROM (
    SELECT endpoint FROM deliveries WHERE marketplace_id = $1 AND ended_at IS NULL AND created_at < $2
    ORDER BY created_at LIMIT {BATCH}) old
"""
_FIRST = """d.marketplace_id = $1 AND d.ended_at IS NULL AND d.due_at IS NULL AND NOT EXISTS (
    SELECT 1 FROM deliveries b WHERE b.marketplace_id = $1 AND b.lane = d.lane AND b.ended_at IS NULL AND b.key < d.key)"""
STUCK = f"SELECT DISTINCT d.endpoint FROM deliveries d WHERE {_FIRST}"
# Whoever is first in a lane is due: after what has failed in this way, and whatever else may have come between.
FREE = f"UPDATE deliveries d SET due_at = $3 WHERE {_FIRST} AND d.endpoint = ANY($2::citext[])"
_USED = """
EXISTS (SELECT 1 FROM deliveries d
    WHERE d.marketplace_id = $1 AND d.endpoint = e.endpoint AND d.ended_at IS NULL AND d.due_at IS NOT NULL)"""
UNUSED = f"""
SELECT e.endpoint FROM delivery_endpoints e
WHERE e.marketplace_id = $1 AND e.paused_at IS NULL AND e.failures = 0 AND NOT {_USED}
LIMIT 1000 FOR UPDATE SKIP LOCKED
"""
FORGET = f"""
DELETE FROM delivery_endpoints e WHERE e.marketplace_id = $1 AND e.endpoint = ANY($2::citext[]) AND NOT {_USED}
"""


async def purge(pool: ReadyPool, clock: Clock, keep: timedelta) -> int:
    """One round over all marketplaces; how many deliveries were deleted."""
    deleted = 0
    for marketplace_id in await all_marketplaces(pool):
        now = clock()
        deleted += await _delete_old(pool, marketplace_id, now - keep)
        await _end_old(pool, marketplace_id, now - keep, now)
        async with pool.unit(marketplace_id) as connection:
            if stuck := await _held(connection, marketplace_id, STUCK):
                await connection.execute(FREE, marketplace_id, stuck, now)
        async with pool.unit(marketplace_id) as connection:
            await _forget_endpoints(connection, marketplace_id)
    return deleted


async def _end_old(pool: ReadyPool, marketplace_id: int, until: datetime, now: datetime) -> None:
    for _ in range(MOST_BATCHES):
        async with pool.unit(marketplace_id) as connection:
            endpoints = await _held(connection, marketplace_id, OLD, until)
            if not endpoints:
                return
            done = await connection.fetchval(END, marketplace_id, until, now, TOO_LATE, endpoints)
        if done < BATCH:
            return


async def _held(
    connection: asyncpg.Connection, marketplace_id: int, sought: str, *arguments: datetime
) -> list[str]:
    """The endpoints of deliveries that are about to be changed, held as by whoever adds to their lanes."""
    endpoints = [row["endpoint"] for row in await connection.fetch(sought, marketplace_id, *arguments)]
    if endpoints:
        await connection.fetch(LOCK_ENDPOINTS, marketplace_id, endpoints)
    return endpoints


async def _delete_old(pool: ReadyPool, marketplace_id: int, until: datetime) -> int:
    count = 0
    for _ in range(MOST_BATCHES):
        done: int = await pool.fetchval(DELETE, marketplace_id, until)
        count += done
        if done < BATCH:
            break
    return count


async def _forget_endpoints(connection: asyncpg.Connection, marketplace_id: int) -> None:
    """Those that nothing goes to any more. Whoever delivers to one meanwhile holds it, and is seen by the second statement."""
    unused = [row["endpoint"] for row in await connection.fetch(UNUSED, marketplace_id)]
    if unused:
        await connection.execute(FORGET, marketplace_id, unused)

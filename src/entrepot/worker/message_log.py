"""Shows messages to people in the server's log, as long as nothing sends them."""

from __future__ import annotations

import asyncpg
import structlog

from entrepot.engine.wire.json import load
from entrepot.kernel.clock import Clock

INTERVAL = 1.0
"""Seconds between two looks."""

BATCH = 100

# The one statement without a marketplace: a look into a partial index that is empty nearly always. On a distributed
# database it asks every shard, once per process and interval.
PENDING_MARKETPLACES = (
    "SELECT DISTINCT marketplace_id FROM outbox_messages WHERE shown_at IS NULL ORDER BY marketplace_id"
)
# Locks are taken per marketplace (citus.md 13); processes pass over what another one is showing.
TAKE = """
WITH due AS (
    SELECT key FROM outbox_messages WHERE marketplace_id = $1 AND shown_at IS NULL
    ORDER BY key LIMIT $3 FOR UPDATE SKIP LOCKED)
UPDATE outbox_messages m SET shown_at = $2 FROM due WHERE m.marketplace_id = $1 AND m.key = due.key
RETURNING m.key, m.delivery_id, m.message_type, m.recipient, m.body
"""

log = structlog.get_logger("entrepot.messages")


async def show_messages(pool: asyncpg.Pool, clock: Clock) -> int:
    """Log every message that no process has shown yet, in the order of each marketplace; how many there were."""
    shown = 0
    for row in await pool.fetch(PENDING_MARKETPLACES):
        while (taken := await _show_batch(pool, row["marketplace_id"], clock)) > 0:
            shown += taken
    return shown


async def _show_batch(pool: asyncpg.Pool, marketplace_id: int, clock: Clock) -> int:
    # Logged before the commit: rather twice after a crash than never.
    async with pool.acquire() as connection, connection.transaction():
        rows = await connection.fetch(TAKE, marketplace_id, clock(), BATCH)
        for row in sorted(rows, key=lambda row: row["key"]):
            log.info(
                "message",
                message_type=row["message_type"],
                to=row["recipient"],
                delivery=row["delivery_id"],
                body=load(row["body"]),
            )
    return len(rows)

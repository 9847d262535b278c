"""What becomes of messages to people as long as nothing sends them: they are shown in a mailbox, if there is one.

Their bodies hold codes and tokens, so the log names a message and no more, and a body goes from its row with the showing:
nobody is going to send it.
"""

from __future__ import annotations

import asyncio

import asyncpg
import structlog

from entrepot.engine.wire.json import load
from entrepot.kernel.clock import Clock
from entrepot.storage.ready_pool import ReadyPool
from entrepot.worker.mailbox import Mailbox

INTERVAL = 1.0
"""Seconds between two looks."""

BATCH = 100

# Without a marketplace: a look into a partial index that is empty nearly always. On a distributed
# database it asks every shard, once per process and interval.
PENDING_MARKETPLACES = (
    "SELECT DISTINCT marketplace_id FROM outbox_messages WHERE shown_at IS NULL ORDER BY marketplace_id"
)
# Locks are taken per marketplace (citus.md 13); processes pass over what another one is showing.
TAKE = """
WITH due AS (
    SELECT key, body FROM outbox_messages WHERE marketplace_id = $1 AND shown_at IS NULL
    ORDER BY key LIMIT $3 FOR UPDATE SKIP LOCKED)
UPDATE outbox_messages m SET shown_at = $2, body = NULL FROM due WHERE m.marketplace_id = $1 AND m.key = due.key
RETURNING m.key, m.delivery_id, m.message_type, m.aggregate, m.recipient, m.created_at, due.body
"""

log = structlog.get_logger("entrepot.messages")


async def show_messages(pool: ReadyPool, clock: Clock, mailbox: Mailbox | None) -> int:
    """Show every message that no process has shown yet, in the order of each marketplace; how many there were."""
    shown = 0
    for row in await pool.fetch(PENDING_MARKETPLACES):
        while (taken := await _show_batch(pool, row["marketplace_id"], clock, mailbox)) > 0:
            shown += taken
    return shown


async def _show_batch(pool: ReadyPool, marketplace_id: int, clock: Clock, mailbox: Mailbox | None) -> int:
    # Shown before the commit: rather twice after a crash than never.
    async with pool.unit(marketplace_id) as connection:
        taken = await connection.fetch(TAKE, marketplace_id, clock(), BATCH)
        rows = sorted(taken, key=lambda row: int(row["key"]))
        if mailbox is not None and rows:
            await asyncio.to_thread(mailbox.add, [_letter(row) for row in rows])
        for row in rows:
            log.info(
                "message", message_type=row["message_type"], to=row["aggregate"], delivery=row["delivery_id"]
            )
    return len(rows)


def _letter(row: asyncpg.Record) -> dict[str, object]:
    return {
        "Date": row["created_at"],
        "To": row["recipient"],
        "MessageType": row["message_type"],
        "DeliveryID": row["delivery_id"],
        "EventBody": load(row["body"]),
    }

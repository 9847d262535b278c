"""Removes what has ended: sessions, codes, wrong passwords of long ago, messages that nothing sent."""

from __future__ import annotations

from datetime import datetime, timedelta

import asyncpg

from entrepot.kernel.clock import Clock

BATCH = 1000
"""Rows that one statement removes, so that nobody waits for it for long."""
REFUSALS_KEPT = timedelta(days=1)
# Each takes $2 rows at most; what somebody else holds is for the next round.
_ENDED = """
DELETE FROM {table} WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM {table} WHERE {moment} <= $1 ORDER BY {moment} LIMIT $2 FOR UPDATE SKIP LOCKED))
"""
DELETE_SESSIONS = _ENDED.format(table="portal_sessions", moment="expires_at")
DELETE_CODES = _ENDED.format(table="portal_codes", moment="expires_at")
DELETE_USED_STATES = _ENDED.format(table="portal_used_states", moment="expires_at")
DELETE_REFUSALS = _ENDED.format(table="portal_refusals", moment="refused_at")
DELETE_MESSAGES = _ENDED.format(table="portal_messages", moment="created_at")


async def delete_ended(pool: asyncpg.Pool, clock: Clock, messages_kept: timedelta) -> int:
    """One round; how many rows there were. messages_kept: zero is for ever. What has ended is refused wherever it is used."""
    now, count = clock(), 0
    due: list[tuple[str, datetime]] = [
        (DELETE_SESSIONS, now),
        (DELETE_CODES, now),
        (DELETE_USED_STATES, now),
        (DELETE_REFUSALS, now - REFUSALS_KEPT),
    ]
    if messages_kept:
        due.append((DELETE_MESSAGES, now - messages_kept))
    for statement, moment in due:
        deleted = BATCH
        while deleted == BATCH:
            status = await pool.execute(statement, moment, BATCH)
            deleted = int(status.rpartition(" ")[2])
            count += deleted
    return count

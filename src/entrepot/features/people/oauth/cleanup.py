"""Removes what has ended: refresh tokens, codes and states of logins, wrong passwords of unknown names, sessions beyond what one user keeps
at one client, old messages of the mailbox, what catchers have caught long ago, signing keys of which every token has expired.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import asyncpg

from entrepot.features.people.credentials import keys
from entrepot.features.people.mail import mailbox
from entrepot.features.people.marketplaces import marketplace_times
from entrepot.features.people.repeating import repeats
from entrepot.kernel.clock import Clock

INTERVAL = 3600.0
"""Seconds between two rounds."""
BATCH = 1000
"""Rows that one statement removes, so that nobody waits for it for long."""

# Each takes $2 rows at most; what somebody else holds is for the next round.
DELETE_TOKENS = """
WITH ended AS (
    SELECT token_hash FROM refresh_tokens WHERE marketplace_id = $1 AND expires_at <= $3
    ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED)
DELETE FROM refresh_tokens t USING ended e WHERE t.marketplace_id = $1 AND t.token_hash = e.token_hash
"""
DELETE_SURPLUS = """
WITH many AS (
    SELECT user_key, "ApiClientID" FROM refresh_tokens WHERE marketplace_id = $1
    GROUP BY user_key, "ApiClientID" HAVING count(*) > $3),
surplus AS (
    SELECT counted.token_hash FROM (
        SELECT t.token_hash, row_number() OVER (
            PARTITION BY t.user_key, t."ApiClientID" ORDER BY t.issued_at DESC, t.token_hash) AS place
        FROM refresh_tokens t JOIN many m ON m.user_key = t.user_key AND m."ApiClientID" = t."ApiClientID"
        WHERE t.marketplace_id = $1) AS counted
    WHERE counted.place > $3 LIMIT $2)
DELETE FROM refresh_tokens t USING surplus s WHERE t.marketplace_id = $1 AND t.token_hash = s.token_hash
"""
DELETE_CODES = """
WITH ended AS (
    SELECT user_key, kind, "ApiClientID" FROM user_codes WHERE marketplace_id = $1 AND expires_at <= $3
    LIMIT $2 FOR UPDATE SKIP LOCKED)
DELETE FROM user_codes c USING ended e
WHERE c.marketplace_id = $1 AND c.user_key = e.user_key AND c.kind = e.kind AND c."ApiClientID" = e."ApiClientID"
"""
DELETE_NAMES = """
WITH old AS (
    SELECT name_digest FROM refused_names WHERE marketplace_id = $1 AND refused_at <= $3
    LIMIT $2 FOR UPDATE SKIP LOCKED)
DELETE FROM refused_names n USING old o WHERE n.marketplace_id = $1 AND n.name_digest = o.name_digest
"""
NAMES_KEPT = timedelta(days=1)
DELETE_LOGIN_STATES = """
WITH ended AS (
    SELECT state_digest FROM used_login_states WHERE marketplace_id = $1 AND expires_at <= $3
    LIMIT $2 FOR UPDATE SKIP LOCKED)
DELETE FROM used_login_states s USING ended e WHERE s.marketplace_id = $1 AND s.state_digest = e.state_digest
"""
DELETE_CAUGHT = """
WITH oldest AS (
    SELECT "CatcherID", "ID" FROM caught_requests WHERE marketplace_id = $1 AND "DateCreated" <= $3
    LIMIT $2 FOR UPDATE SKIP LOCKED)
DELETE FROM caught_requests r USING oldest o
WHERE r.marketplace_id = $1 AND r."CatcherID" = o."CatcherID" AND r."ID" = o."ID"
"""


@dataclass(frozen=True, slots=True)
class Retention:
    """How much is kept: refresh tokens of one user at one client, messages of the mailbox and what catchers have
    caught; 0 is everything.
    """

    sessions: int = 100
    mailbox: timedelta = timedelta(days=14)

    def rules(self, real: datetime, now: datetime) -> Iterator[tuple[str, Any]]:
        """Statements with their third argument. now: what time it is in the marketplace; tokens, states, locks and catchers go by the
        server's.
        """
        yield DELETE_TOKENS, real
        yield DELETE_CODES, real
        yield DELETE_LOGIN_STATES, real
        yield repeats.DELETE_OLD, real - repeats.KEPT
        yield DELETE_NAMES, real - NAMES_KEPT
        if self.sessions:
            yield DELETE_SURPLUS, self.sessions
        if self.mailbox:
            yield mailbox.DELETE_OLD, now - self.mailbox
            yield DELETE_CAUGHT, real - self.mailbox


async def delete_ended(pool: asyncpg.Pool, clock: Clock, retention: Retention) -> int:
    """One round over all marketplaces; how many rows there were. Nothing relies on it: what has ended is refused wherever
    it is used.
    """
    real, count = clock(), 0
    await keys.delete_retired(pool, real)
    for marketplace_id, now in await marketplace_times(pool, clock):
        for statement, argument in retention.rules(real, now):
            deleted = BATCH
            while deleted == BATCH:
                status = await pool.execute(statement, marketplace_id, BATCH, argument)
                deleted = int(status.rpartition(" ")[2])
                count += deleted
    return count

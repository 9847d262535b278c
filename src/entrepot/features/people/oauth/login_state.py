"""What a login leaves behind: failures and locks (AUTH-62), and after a success the time, the hash, the code used."""

from __future__ import annotations

from datetime import datetime

from entrepot.domain.identity.lockout import UNTIL_UNLOCKED, LoginState
from entrepot.domain.identity.password_policy import PLATFORM_MINIMUM
from entrepot.engine.call import Database
from entrepot.features.people.credentials.secrets import SecretBox
from entrepot.features.people.oauth.grant_client import GrantClient
from entrepot.features.people.oauth.subjects import MAX_USERNAME, Subject, stored_state
from entrepot.kernel.errors import InvalidCredentialsError, LockedOutError
from entrepot.storage.ready_pool import ReadyPool

# A lost failure or two after a crash is cheaper than a known name that shows itself by the wait for the disk.
UNHURRIED = "SET LOCAL synchronous_commit = off"
LOCK_USER = """
SELECT "FailedLoginAttempts", locked_until, locked_indefinitely FROM users
WHERE marketplace_id = $1 AND key = $2 FOR NO KEY UPDATE
"""
RECORD_FAILURE = """
UPDATE users SET "FailedLoginAttempts" = $3, locked_until = $4, locked_indefinitely = $5
WHERE marketplace_id = $1 AND key = $2
"""
# The name's row is locked from here on, also where it comes into being.
LOCK_NAME = """
INSERT INTO refused_names AS n (marketplace_id, name_digest, refused_at) VALUES ($1, $2, $3)
ON CONFLICT (marketplace_id, name_digest) DO UPDATE SET refused_at = excluded.refused_at
RETURNING n.failed_attempts AS "FailedLoginAttempts", n.locked_until, false AS locked_indefinitely
"""
RECORD_NAME = """
UPDATE refused_names SET failed_attempts = $3, locked_until = $4 WHERE marketplace_id = $1 AND name_digest = $2
"""
# The condition is the lock check once more: of many guesses sent at once, none may pass the limit.
RECORD_LOGIN = """
UPDATE users SET "FailedLoginAttempts" = 0, locked_until = NULL, "LastActive" = $6,
       password_hash = CASE WHEN password_hash = $4 THEN $5 ELSE password_hash END
WHERE marketplace_id = $1 AND key = $2 AND NOT locked_indefinitely AND (locked_until IS NULL OR locked_until <= $3)
RETURNING key
"""
RECORD_VISIT = 'UPDATE users SET "LastActive" = $3 WHERE marketplace_id = $1 AND key = $2'
USE_CODE = """
DELETE FROM user_codes
WHERE marketplace_id = $1 AND user_key = $2 AND kind = 'one_time_password' AND "ApiClientID" = $3 AND code_hash = $4
RETURNING user_key
"""


def name_digest(box: SecretBox, username: str) -> bytes:
    """Stands for a name that somebody has tried, known or not, in the database, in memory and in the log."""
    return box.digest(username[: MAX_USERNAME + 1].lower(), ("login", "name"))


async def record_failure(
    pool: ReadyPool, client: GrantClient, subject: Subject | None, name: bytes, now: datetime
) -> None:
    """Count a wrong password in a transaction of its own, and refuse: InvalidCredentialsError (E6), or
    LockedOutError (E8) where attempts sent at the same time have locked the user already.

    A name without a subject is counted and locked alike, by its digest, with as many statements: neither answer nor time
    tell who exists.
    """
    policy = PLATFORM_MINIMUM if subject is None else subject.policy
    async with pool.unit(client.marketplace_id) as connection:
        await connection.execute(UNHURRIED)
        if subject is None:
            row = await connection.fetchrow(LOCK_NAME, client.marketplace_id, name, now)
        else:
            row = await connection.fetchrow(LOCK_USER, client.marketplace_id, subject.key)
        state = LoginState() if row is None else stored_state(row)
        locked = state.is_locked(now)
        after = state.after_failure(policy, now)
        until = None if after.locked_until == UNTIL_UNLOCKED else after.locked_until
        if locked:
            pass
        elif subject is None:
            await connection.execute(RECORD_NAME, client.marketplace_id, name, after.failed_attempts, until)
        else:
            forever = after.locked_until == UNTIL_UNLOCKED
            await connection.execute(
                RECORD_FAILURE, client.marketplace_id, subject.key, after.failed_attempts, until, forever
            )
    raise LockedOutError if locked else InvalidCredentialsError


async def record_login(
    connection: Database,
    client: GrantClient,
    subject: Subject,
    real: datetime,
    now: datetime,
    rehashed: str | None,
) -> None:
    """The right password was given. real: by the server's clock, as locks go; now: by the marketplace's. Raises LockedOutError where a
    lock came first.
    """
    row = await connection.fetchrow(
        RECORD_LOGIN,
        client.marketplace_id,
        subject.key,
        real,
        subject.password_hash,
        rehashed or subject.password_hash,
        now,
    )
    if row is None:
        raise LockedOutError


async def use_one_time_password(connection: Database, client: GrantClient, subject: Subject) -> None:
    """It is good for one login: raises InvalidCredentialsError where another request was quicker."""
    used = await connection.fetchrow(
        USE_CODE, client.marketplace_id, subject.key, client.id, subject.one_time_password
    )
    if used is None:
        raise InvalidCredentialsError


async def record_visit(database: Database, client: GrantClient, subject: Subject, now: datetime) -> None:
    """A token was issued without a password."""
    await database.execute(RECORD_VISIT, client.marketplace_id, subject.key, now)

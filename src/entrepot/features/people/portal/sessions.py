"""Sessions: what a sign-in begins, a refresh token renews, and signing out or a new password ends."""

from __future__ import annotations

from datetime import datetime, timedelta

from entrepot.engine.call import Database
from entrepot.engine.principal import Account
from entrepot.features.people.credentials.secrets import new_refresh_token, token_digest

LIFETIME = timedelta(days=14)
"""From the last renewal on."""
LONGEST = timedelta(days=90)
MOST = 50
"""Of one account, beyond which the oldest end."""

START = """
INSERT INTO portal_sessions (account_key, token_hash, started_at, expires_at) VALUES ($1, $2, $3, $4) RETURNING key
"""
END_OLDEST = f"""
DELETE FROM portal_sessions WHERE account_key = $1 AND key IN (
    SELECT key FROM portal_sessions WHERE account_key = $1 ORDER BY key DESC OFFSET {MOST})
"""
RENEW = """
UPDATE portal_sessions s SET expires_at = least($3, s.started_at + $4) FROM portal_accounts a
WHERE s.token_hash = $1 AND s.expires_at > $2 AND a.key = s.account_key
RETURNING s.key, s.account_key, a."Username"
"""
# Waits for whoever is ending it.
GOES_ON = (
    "SELECT 1 FROM portal_sessions WHERE key = $1 AND account_key = $2 AND expires_at > $3 FOR KEY SHARE"
)
END = "DELETE FROM portal_sessions WHERE token_hash = $1"
END_OTHERS = "DELETE FROM portal_sessions WHERE account_key = $1 AND key <> $2 AND token_hash <> $3"
END_ALL = "DELETE FROM portal_sessions WHERE account_key = $1"


async def start(db: Database, account_key: int, username: str, now: datetime) -> tuple[Account, str]:
    """A new session and its refresh token, of which only the digest is kept. Two statements."""
    token = new_refresh_token()
    session = await db.fetchval(START, account_key, token_digest(token), now, now + LIFETIME)
    await db.execute(END_OLDEST, account_key)
    return Account(key=account_key, username=username, session=session), token


async def renew(db: Database, token: str, now: datetime) -> Account | None:
    """The session goes on, under the same refresh token, since clients keep the first one; None where it has ended."""
    row = await db.fetchrow(RENEW, token_digest(token), now, now + LIFETIME, LONGEST)
    if row is None:
        return None
    return Account(key=row["account_key"], username=row["Username"], session=row["key"])


async def goes_on(db: Database, account: Account, now: datetime) -> bool:
    """Whether the calling session has not ended since the request began."""
    return await db.fetchval(GOES_ON, account.session, account.key, now) is not None


async def end(db: Database, token: str) -> None:
    """With its access tokens."""
    await db.execute(END, token_digest(token))


async def end_others(db: Database, account: Account, token: str) -> None:
    """All of the account but the calling one and that of a refresh token."""
    await db.execute(END_OTHERS, account.key, account.session, token_digest(token))


async def end_all(db: Database, account_key: int) -> None:
    await db.execute(END_ALL, account_key)

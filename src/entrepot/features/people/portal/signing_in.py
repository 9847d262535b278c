"""Signing in with a password, and the lock that follows wrong ones (PORT-1, AUTH-62).

Neither answer nor time tell who exists: a name that nobody has costs a hash and the same statements, and locks as accounts do.
"""

from __future__ import annotations

from entrepot.domain.identity.lockout import LoginState
from entrepot.domain.identity.password_policy import PLATFORM_MINIMUM
from entrepot.engine.call import Call, Database
from entrepot.engine.principal import Account
from entrepot.engine.units import unit_of
from entrepot.features.people.credentials.secrets import SecretBox
from entrepot.features.people.portal import accounts, codes, sessions
from entrepot.features.people.portal.accounts import Person
from entrepot.features.people.portal.codes import Purpose
from entrepot.features.people.portal.messages import PortalMessage, tell
from entrepot.features.people.services import services
from entrepot.kernel.errors import InvalidCredentialsError, LockedOutError

SHARE = "portal"
"""Whose password hashes these are, for the line of those that wait."""
# A lost failure or two after a crash is cheaper than a known name that shows itself by the wait for the disk.
UNHURRIED = "SET LOCAL synchronous_commit = off"
# The name's row is locked from here on, also where it comes into being.
LOCK = """
INSERT INTO portal_refusals AS r (name_digest, refused_at) VALUES ($1, $2)
ON CONFLICT (name_digest) DO UPDATE SET refused_at = excluded.refused_at
RETURNING r.failed_attempts, r.locked_until
"""
RECORD = "UPDATE portal_refusals SET failed_attempts = $2, locked_until = $3 WHERE name_digest = $1"
FORGET = "DELETE FROM portal_refusals WHERE name_digest = $1"
REHASH = "UPDATE portal_accounts SET password_hash = $3 WHERE key = $1 AND password_hash = $2"
# Whoever changes the password ends the sessions that there are, and waits for this row: none begins by the former one afterwards.
STILL = "SELECT 1 FROM portal_accounts WHERE key = $1 AND password_hash = $2 FOR SHARE"


async def sign_in(call: Call, name: str, password: str) -> tuple[Account, str]:
    """A session of the account with this username or address, and its refresh token.

    Raises InvalidCredentialsError, LockedOutError.
    """
    person = await accounts.by_login(call.pool, name)
    hasher = services(call).passwords
    known = None if person is None else person.password_hash
    # No transaction and no connection is held while the slow hash runs.
    matches = await hasher.verify(known, password, share=SHARE)
    rehashed = None
    if matches and known is not None and hasher.needs_rehash(known):
        rehashed = await hasher.hash(password, share=SHARE)
    digest = refusals_of(services(call).box, name if person is None else person.key)
    async with unit_of(call, None) as connection:
        if not matches:
            await connection.execute(UNHURRIED)
        now = call.clock()
        row = await connection.fetchrow(LOCK, digest, now)
        assert row is not None
        state = LoginState(row["failed_attempts"], row["locked_until"])
        is_locked = state.is_locked(now)
        if matches and not is_locked:
            assert person is not None
            await connection.execute(FORGET, digest)
            if rehashed is not None:
                await connection.execute(REHASH, person.key, known, rehashed)
            if await connection.fetchval(STILL, person.key, rehashed or known) is None:
                raise InvalidCredentialsError
            return await sessions.start(connection, person.key, person.username, now)
        if not is_locked:
            after = state.after_failure(PLATFORM_MINIMUM, now)
            await connection.execute(RECORD, digest, after.failed_attempts, after.locked_until)
            if after.is_locked(now) and person is not None:
                await _tell_of_lock(call, connection, person)
    raise LockedOutError if is_locked else InvalidCredentialsError


async def _tell_of_lock(call: Call, connection: Database, person: Person) -> None:
    """The code that ends it early."""
    code = await codes.issue(connection, services(call).box, Purpose.UNLOCK, person.email, call.clock())
    await tell(call, connection, PortalMessage.UNLOCK, person.email, username=person.username, code=code)


async def unlock(db: Database, box: SecretBox, account_key: int) -> None:
    """Wrong passwords are forgotten, and with them a lock."""
    await db.execute(FORGET, refusals_of(box, account_key))


def refusals_of(box: SecretBox, whose: int | str) -> bytes:
    """Stands for an account, by its key, or for a name that nobody has."""
    text = f"account/{whose}" if isinstance(whose, int) else f"name/{whose[:300].lower()}"
    return box.digest(text, ("portal_refusals", "name_digest"))

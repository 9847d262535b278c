"""Setting passwords: judged and hashed before a transaction opens, stored within it (AUTH-59 to AUTH-61).

argon2id takes tens of milliseconds, and a reuse check one hash per remembered password. That work is done by
`Operation.prepare`, while no row is locked; what it finds stands in `Call.notes`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from entrepot.declare.types import MAX_SECRET
from entrepot.domain.identity.password_policy import (
    MAXIMUM_REUSE_LIMIT,
    PasswordPolicy,
    blocked_passwords,
    is_too_soon,
)
from entrepot.engine.call import Call, Database
from entrepot.engine.notes import Note
from entrepot.features.people.credentials.passwords import OF_MANY, PasswordHasher
from entrepot.features.people.identity.computed import PASSWORD_CONFIGS
from entrepot.features.people.identity.policies import policy_of, require_secure
from entrepot.features.people.identity.sessions import end_sessions_of
from entrepot.features.people.services import services
from entrepot.kernel.errors import (
    ApiError,
    ConflictingWriteError,
    PasswordChangeTooSoonError,
    PasswordReuseError,
)
from entrepot.kernel.sql import Sql

TICK = timedelta(milliseconds=1)

OWN_PASSWORD = Sql(f"""
SELECT t.password_hash, t."PasswordLastSetDate", t."Username", ({PASSWORD_CONFIGS}) AS configs,
       ARRAY(SELECT h.password_hash FROM password_history h
             WHERE h.marketplace_id = :marketplace_id AND h.user_key = t.key ORDER BY h.set_at DESC) AS past
FROM users t WHERE t.marketplace_id = :marketplace_id AND t.key = :user_key
""").bound("marketplace_id", "user_key")
LOCK_USER = """
SELECT password_hash, "PasswordLastSetDate" FROM users WHERE marketplace_id = $1 AND key = $2 FOR NO KEY UPDATE
"""
STORE_HASH = """
UPDATE users SET password_hash = $3, "PasswordLastSetDate" = $4 WHERE marketplace_id = $1 AND key = $2
"""
# A code proves who is asked for a new password; there is one now.
REPLACED = """
WITH proofs AS (DELETE FROM user_codes WHERE marketplace_id = $1 AND user_key = $2)
INSERT INTO password_history (marketplace_id, user_key, set_at, password_hash)
SELECT $1, $2, $3, $4 WHERE $4::text IS NOT NULL
ON CONFLICT (marketplace_id, user_key, set_at) DO UPDATE SET password_hash = excluded.password_hash
"""
FORGET = f"""
DELETE FROM password_history WHERE marketplace_id = $1 AND user_key = $2 AND set_at < (
    SELECT h.set_at FROM password_history h WHERE h.marketplace_id = $1 AND h.user_key = $2
    ORDER BY h.set_at DESC OFFSET {MAXIMUM_REUSE_LIMIT - 1} LIMIT 1)
"""


@dataclass(frozen=True, slots=True)
class NewPassword:
    """A password that someone wants to set, after the slow work.

    replaces: the hash of the password that it was judged against. Exactly one of `hash` and `refusal` is set.
    """

    password: str
    replaces: str | None
    hash: str | None
    refusal: ApiError | None = None


NEW: Note[NewPassword] = Note("a new password, after the slow work")


@dataclass(frozen=True, slots=True)
class OwnPassword:
    """What decides about a user's own change: the present password, earlier ones (newest first), the rules.

    share: whose hashes these are, for the hasher: the marketplace.
    """

    hash: str | None
    last_set: datetime | None
    past: tuple[str, ...]
    policy: PasswordPolicy
    share: int
    username: str | None = None

    @classmethod
    async def load(cls, db: Database, marketplace_id: int, user_key: int) -> OwnPassword:
        """One statement. A user who is gone has no password."""
        row = await db.fetchrow(OWN_PASSWORD, marketplace_id, user_key)
        if row is None:
            return cls(None, None, (), policy_of(None), marketplace_id)
        return cls(
            row["password_hash"],
            row["PasswordLastSetDate"],
            tuple(row["past"]),
            policy_of(row["configs"]),
            marketplace_id,
            row["Username"],
        )

    async def judge(self, hasher: PasswordHasher, password: str, now: datetime) -> NewPassword:
        """Strength, minimum age, reuse (AUTH-60), then the hash."""
        try:
            require_secure(self.policy, password, self.username)
            if is_too_soon(self.policy, self.last_set, now):
                raise PasswordChangeTooSoonError
            known = ((self.hash,) if self.hash else ()) + self.past
            if await hasher.matches_any(blocked_passwords(self.policy, known), password, share=self.share):
                raise PasswordReuseError
        except ApiError as refusal:
            return NewPassword(password, self.hash, None, refusal)
        return NewPassword(password, self.hash, await hasher.hash(password, share=self.share))


# --- by an administrator ------------------------------------------------------------------------------------


async def hash_early(call: Call) -> None:
    """Operation.prepare of operations whose body may set somebody's Password."""
    password = given_password(call, "Password")
    if password:
        call.notes.put(NEW, NewPassword(password, None, await _hash(call, password)))


async def hashed(call: Call, password: str) -> str:
    """The hash that `hash_early` made, or one made now (a password sent as a number)."""
    new = call.notes.get(NEW)
    if new is not None and new.password == password and new.hash is not None:
        return new.hash
    return await _hash(call, password)


async def _hash(call: Call, password: str) -> str:
    hasher = services(call).passwords
    hash_it = hasher.hash if call.notes.get(OF_MANY) is None else hasher.hash_of_many
    return await hash_it(password, share=call.marketplace_id)


# --- by the user itself -------------------------------------------------------------------------------------


def judge_early(name: str) -> Callable[[Call], Awaitable[None]]:
    """Operation.prepare of operations whose body may set the caller's own password, in property `name`."""

    async def prepare(call: Call) -> None:
        password = given_password(call, name)
        if password:
            call.notes.put(NEW, await judge_own(call, password))

    return prepare


async def judge_own(call: Call, password: str) -> NewPassword:
    """Judge a password that the caller wants for itself."""
    caller = call.principal
    own = await OwnPassword.load(call.db, caller.marketplace_id, caller.user_key)
    return await own.judge(services(call).passwords, password, call.clock())


async def judged(call: Call, password: str, current: str | None) -> str:
    """The hash of the caller's new password, whose present one is `current` in the locked row.

    Raises InsecurePasswordError, PasswordChangeTooSoonError, PasswordReuseError; ConflictingWriteError when the
    present password changed meanwhile.
    """
    new = call.notes.get(NEW)
    if new is None or new.password != password:
        new = await judge_own(call, password)
    return accepted(new, current)


def accepted(new: NewPassword, current: str | None) -> str:
    """The new hash, or the refusal; `current` is the hash in the locked row."""
    if new.refusal is not None:
        raise new.refusal
    if new.replaces != current or new.hash is None:
        raise ConflictingWriteError
    return new.hash


# --- rows ---------------------------------------------------------------------------------------------------


async def store(call: Call, db: Database, marketplace_id: int, user_key: int, new: NewPassword) -> None:
    """Lock the user's row and give it the password, in the transaction of `db`."""
    now = call.clock()
    row = await db.fetchrow(LOCK_USER, marketplace_id, user_key)
    if row is None:
        raise ConflictingWriteError
    password_hash = accepted(new, row["password_hash"])
    moment = set_moment(row["PasswordLastSetDate"], now)
    await db.execute(STORE_HASH, marketplace_id, user_key, password_hash, moment)
    await after_new_password(
        call, db, marketplace_id, user_key, row["password_hash"], row["PasswordLastSetDate"]
    )


async def after_new_password(
    call: Call,
    db: Database,
    marketplace_id: int,
    user_key: int,
    former_hash: str | None,
    set_at: datetime | None,
) -> None:
    """What follows whenever somebody gives a user another password: codes and one-time passwords end, the former password is
    kept, as many as the largest LimitPasswordReuse asks for, and sessions end where the setting says so.
    """
    await db.execute(REPLACED, marketplace_id, user_key, set_at or call.clock(), former_hash)
    if former_hash is not None:
        await db.execute(FORGET, marketplace_id, user_key)
    if services(call).password_ends_sessions:
        await end_sessions_of(db, marketplace_id, user_key)


def set_moment(last_set: datetime | None, now: datetime) -> datetime:
    """PasswordLastSetDate of a new password: now, but always after the last one, since it orders the history."""
    return now if last_set is None else max(now, last_set + TICK)


def given_password(call: Call, name: str) -> str | None:
    """The property of a body as it stands there, None where there is none that a handler could accept; what is wrong
    with a body is not said.
    """
    try:
        content = call.body
    except ApiError:
        return None
    if not isinstance(content, dict):
        return None
    value = content.get(name, next((v for key, v in content.items() if key.lower() == name.lower()), None))
    return value if isinstance(value, str) and len(value) <= MAX_SECRET else None

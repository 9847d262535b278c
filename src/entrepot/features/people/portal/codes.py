"""Mailed codes, which prove that somebody reads an address: of 50 bits, for half an hour, good for one use."""

from __future__ import annotations

import enum
from datetime import datetime, timedelta

import asyncpg

from entrepot.engine.call import Database
from entrepot.features.people.credentials.secrets import SecretBox, new_one_time_password

LIFETIME = timedelta(minutes=30)
STORE = """
INSERT INTO portal_codes (purpose, holder, code_hash, value, expires_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (purpose, holder) DO UPDATE
SET code_hash = excluded.code_hash, value = excluded.value, expires_at = excluded.expires_at
"""
HOLDS = """
SELECT true FROM portal_codes WHERE purpose = $1 AND holder = $2 AND code_hash = $3 AND expires_at > $4
"""
USE = """
DELETE FROM portal_codes WHERE purpose = ANY($1) AND holder = $2 AND code_hash = $3 AND expires_at > $4
RETURNING purpose, value
"""


class Purpose(enum.StrEnum):
    """What a code is good for. Those that are confirmed by a signed-in account are held by its key, the others by an address."""

    SIGN_UP = "sign_up"
    PASSWORD = "password"  # noqa: S105 (no password)
    UNLOCK = "unlock"
    VERIFY_EMAIL = "verify_email"
    CHANGE_EMAIL = "change_email"
    DELETE = "delete"
    TRANSFER = "transfer"
    SIGN_IN = "sign_in"
    """For whoever has come back from elsewhere; not mailed, and held by the browser."""


async def issue(
    db: Database,
    box: SecretBox,
    purpose: Purpose,
    holder: str,
    now: datetime,
    value: str | None = None,
    lifetime: timedelta = LIFETIME,
) -> str:
    """A new code in place of the former. `value` is what it will bring about."""
    code = new_one_time_password()
    await db.execute(STORE, purpose, holder, _digest(box, holder, code), value, now + lifetime)
    return code


async def holds(
    db: Database, box: SecretBox, purpose: Purpose, holder: str, code: str, now: datetime
) -> bool:
    """Whether this is it; it stays."""
    return await db.fetchval(HOLDS, purpose, holder, _digest(box, holder, code), now) is not None


async def use(
    db: Database, box: SecretBox, purposes: tuple[Purpose, ...], holder: str, code: str, now: datetime
) -> asyncpg.Record | None:
    """`purpose` and `value` of a holder's code for one of the purposes, which is gone by now; None where there is none."""
    return await db.fetchrow(USE, list(purposes), holder, _digest(box, holder, code), now)


def _digest(box: SecretBox, holder: str, code: str) -> bytes:
    return box.digest(code.strip().upper(), ("portal_codes", "code_hash", holder.lower()))

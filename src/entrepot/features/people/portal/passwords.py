"""Passwords of accounts: by the rules of the platform, hashed as those of users are."""

from __future__ import annotations

from entrepot.domain.identity.password_policy import PLATFORM_MINIMUM
from entrepot.engine.call import Call, Database
from entrepot.features.people.identity.policies import require_secure
from entrepot.features.people.portal.signing_in import SHARE
from entrepot.features.people.services import services

SET = "UPDATE portal_accounts SET password_hash = $2 WHERE key = $1"


async def hashed(call: Call, password: str, username: str) -> str:
    """Takes tens of milliseconds: before a unit opens. Raises InsecurePasswordError."""
    require_secure(PLATFORM_MINIMUM, password, username)
    return await services(call).passwords.hash(password, share=SHARE)


async def is_right(call: Call, stored: str | None, password: str) -> bool:
    """Whether an account has this password."""
    return await services(call).passwords.verify(stored, password, share=SHARE)


async def store(db: Database, account_key: int, password_hash: str) -> None:
    await db.execute(SET, account_key, password_hash)

"""Codes that stand for a user for a while: to set a new password with, and one-time passwords (AUTH-65, AUTH-68)."""

from __future__ import annotations

from datetime import datetime, timedelta

from entrepot.engine.call import Database

CODE_LIFETIME = timedelta(minutes=120)
"""How long a verification code lives (AUTH-65)."""

STORE_CODE = """
INSERT INTO user_codes (marketplace_id, user_key, kind, "ApiClientID", code_hash, expires_at)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (marketplace_id, user_key, kind, "ApiClientID")
DO UPDATE SET code_hash = excluded.code_hash, expires_at = excluded.expires_at
"""


async def store_code(
    db: Database,
    marketplace_id: int,
    user_key: int,
    client_id: str,
    kind: str,
    digest: bytes,
    expires: datetime,
) -> None:
    """Only the digest; it replaces an earlier one of the kind, `reset` or `one_time_password`, on the client (AUTH-65)."""
    await db.execute(STORE_CODE, marketplace_id, user_key, kind, client_id, digest, expires)

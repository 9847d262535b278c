"""The end of a user's sessions (AUTH-26)."""

from __future__ import annotations

from entrepot.engine.call import Call, Database
from entrepot.features.people.credentials.default_users import end_own_tokens

END_SESSIONS = """
WITH ended AS (DELETE FROM refresh_tokens WHERE marketplace_id = $1 AND user_key = $2)
UPDATE users SET generation = generation + 1 WHERE marketplace_id = $1 AND key = $2
"""


async def end_own_sessions(call: Call) -> None:
    """The same as below, for the caller itself."""
    caller = call.principal
    if caller.is_default_user:
        await end_own_tokens(call.db, caller.marketplace_id, caller.user_key)
    else:
        await end_sessions(call, caller.user_key)


async def end_sessions(call: Call, user_key: int) -> None:
    """Void every access and refresh token issued to the user up to now, impersonation tokens of it included."""
    await end_sessions_of(call.db, call.marketplace_id, user_key)


async def end_sessions_of(db: Database, marketplace_id: int, user_key: int) -> None:
    """The same for a user of whom the caller need not be one."""
    await db.execute(END_SESSIONS, marketplace_id, user_key)

"""The token of a forgotten password: a copy of its verification code, used up as that is (AUTH-64, AUTH-65)."""

from __future__ import annotations

from entrepot.domain.identity.lockout import LoginState
from entrepot.engine.call import Call
from entrepot.features.people.identity.passwords import judge_early
from entrepot.kernel.errors import InvalidTokenError, ResetLockedOutError
from entrepot.kernel.sql import Sql

CODE = """
FROM user_codes
WHERE marketplace_id = :marketplace_id AND user_key = :user AND kind = 'reset' AND code_hash = :code AND expires_at > :now
"""
_ASKED = ("marketplace_id", "user", "code", "now")
HAS_CODE = Sql(f"SELECT EXISTS (SELECT 1 {CODE})").bound(*_ASKED)
USE_CODE = Sql(f"DELETE {CODE} RETURNING user_key").bound(*_ASKED)

_judge = judge_early("NewPassword")


async def judge_renewal(call: Call) -> None:
    """Operation.prepare of POST /me/password: no slow work for a token whose code has gone."""
    if not call.principal.is_renewing or await call.db.fetchval(HAS_CODE, *_code_of(call)):
        await _judge(call)


async def use_renewal(call: Call, login: LoginState) -> None:
    """Use up the code of which the caller's token is a copy; `login` is that of the locked row.

    Raises InvalidTokenError where it has been used, replaced or voided, ResetLockedOutError as the code itself does.
    """
    if await call.db.fetchval(USE_CODE, *_code_of(call)) is None:
        raise InvalidTokenError
    if login.is_locked(call.server_clock()):
        raise ResetLockedOutError


def _code_of(call: Call) -> tuple[object, ...]:
    caller = call.principal
    digest = bytes.fromhex(caller.ties.reset_code or "")
    return (caller.marketplace_id, caller.user_key, digest, call.server_clock())

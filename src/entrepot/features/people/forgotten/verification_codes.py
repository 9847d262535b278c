"""Forgotten passwords: a code by message, and a new password with it (AUTH-64 to AUTH-66)."""

from __future__ import annotations

from entrepot.declare.operation import Body, Counted, Reply, Unit, operation
from entrepot.domain.identity.lockout import LoginState
from entrepot.domain.messages.types import MessageType
from entrepot.engine.call import Call
from entrepot.engine.units import unit_of
from entrepot.features.people.credentials.secrets import new_reset_code, token_digest
from entrepot.features.people.forgotten.models import PasswordReset, PasswordResetRequest
from entrepot.features.people.forgotten.recipients import find_client, find_recipients
from entrepot.features.people.forgotten.requests import (
    TAG,
    may_write_to,
    read_body,
    tell_of,
    unhurried,
    unit_within,
)
from entrepot.features.people.identity.codes import CODE_LIFETIME, store_code
from entrepot.features.people.identity.passwords import OwnPassword, store
from entrepot.features.people.services import services
from entrepot.kernel.errors import (
    InsecurePasswordError,
    InvalidBodyError,
    InvalidVerificationError,
    PasswordChangeTooSoonError,
    PasswordReuseError,
    ResetClientError,
    ResetLockedOutError,
    ResetUsernameOrEmailRequiredError,
    ResetUsernameRequiredError,
    ValidationError,
)

# The code and the username in one statement: it takes as long for a wrong one as for the other.
FIND_CODE = """
SELECT t.key, t."FailedLoginAttempts", t.locked_until, t.locked_indefinitely
FROM user_codes c
JOIN users t ON t.marketplace_id = $1 AND t.key = c.user_key
LEFT JOIN buyers b ON b.marketplace_id = $1 AND b."ID" = t."BuyerID"
LEFT JOIN suppliers s ON s.marketplace_id = $1 AND s."ID" = t."SupplierID"
WHERE c.marketplace_id = $1 AND c.kind = 'reset' AND c."ApiClientID" = $2 AND c.code_hash = $3 AND c.expires_at > $5
  AND lower(t."Username") = lower($4) AND t."Active" AND coalesce(b."Active", s."Active", true)
"""
USE_CODE = """
DELETE FROM user_codes
WHERE marketplace_id = $1 AND user_key = $2 AND kind = 'reset' AND "ApiClientID" = $3 AND code_hash = $4
RETURNING user_key
"""


@operation(
    "ForgottenCredentials.SendVerificationCode",
    "POST",
    "/password/reset",
    tag=TAG,
    summary="Send a code with which a user can set a new password",
    status=204,
    public=True,
    body=Body(PasswordResetRequest),
    errors=(InvalidBodyError, ValidationError, ResetClientError, ResetUsernameOrEmailRequiredError),
    unit=Unit.OWN,
    counted=Counted.CALLS,
)
async def send_verification_code(call: Call) -> Reply:
    """204 whether or not anybody matches; one message for each username that does."""
    values = read_body(call, PasswordResetRequest, {"ClientID": ResetClientError})
    client = await find_client(call, values["ClientID"])
    if client is None:
        raise ResetClientError
    if not values["Username"] and not values["Email"]:
        raise ResetUsernameOrEmailRequiredError
    async with unhurried(), unit_within(call, client.marketplace_id) as connection:
        found = await find_recipients(connection, client, username=values["Username"], email=values["Email"])
        for recipient in found:
            if not may_write_to(call, client, recipient):
                continue
            code = new_reset_code()
            expires = call.server_clock() + CODE_LIFETIME
            whose = (client.marketplace_id, recipient.key, client.id)
            await store_code(connection, *whose, "reset", token_digest(code), expires)
            forgotten = MessageType.FORGOTTEN_PASSWORD
            await tell_of(call, client, recipient, forgotten, {"code": code}, url=values["URL"])
    return Reply()


@operation(
    "ForgottenCredentials.ResetPasswordByVerificationCode",
    "PUT",
    "/password/reset/{verificationCode}",
    tag=TAG,
    summary="Set a new password with a verification code",
    status=204,
    public=True,
    body=Body(PasswordReset),
    errors=(
        InvalidBodyError,
        ValidationError,
        ResetClientError,
        ResetUsernameRequiredError,
        InvalidVerificationError,
        ResetLockedOutError,
        InsecurePasswordError,
        PasswordReuseError,
        PasswordChangeTooSoonError,
    ),
    unit=Unit.OWN,
    counted=Counted.REFUSED,
)
async def reset_password_by_verification_code(call: Call) -> Reply:
    """A refused password leaves the code as it was."""
    values = read_body(
        call, PasswordReset, {"ClientID": ResetClientError, "Username": ResetUsernameRequiredError}
    )
    client = await find_client(call, values["ClientID"])
    if client is None:
        raise ResetClientError
    now, digest = call.clock(), token_digest(call.path["verificationCode"])
    row = await call.pool.fetchrow(
        FIND_CODE, client.marketplace_id, client.id, digest, values["Username"], call.server_clock()
    )
    if row is None:
        raise InvalidVerificationError
    state = LoginState(row["FailedLoginAttempts"], row["locked_until"])
    if row["locked_indefinitely"] or state.is_locked(call.server_clock()):
        raise ResetLockedOutError
    own = await OwnPassword.load(call.pool, client.marketplace_id, row["key"])
    new = await own.judge(services(call).passwords, values["Password"] or "", now)
    if new.refusal is not None:
        raise new.refusal
    async with unit_of(call, client.marketplace_id) as connection:
        if await connection.fetchval(USE_CODE, client.marketplace_id, row["key"], client.id, digest) is None:
            raise InvalidVerificationError
        await store(call, connection, client.marketplace_id, row["key"], new)
    return Reply()


OPERATIONS = (send_verification_code, reset_password_by_verification_code)

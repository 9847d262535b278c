"""Forgotten credentials: verification codes, usernames, one-time passwords (AUTH-64 to AUTH-68).

Nobody who asks has a token. Whether anybody matches shows neither in the answer nor, in ordinary circumstances, in
the time that it takes: an answer does not come before FLOOR has passed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import asyncpg

from entrepot.declare.operation import Body, QueryParameter, Reply, Unit, operation
from entrepot.declare.wire import Wire
from entrepot.domain.identity.lockout import LoginState
from entrepot.domain.identity.roles import RoleSet
from entrepot.engine.call import Call
from entrepot.engine.query import parameters
from entrepot.engine.wire.json import parse
from entrepot.engine.wire.models import validate
from entrepot.features.credentials import tokens
from entrepot.features.credentials.claims import AccessClaims, Validity
from entrepot.features.credentials.one_time_passwords import one_time_password_digest
from entrepot.features.credentials.secrets import new_one_time_password, new_reset_code, token_digest
from entrepot.features.identity.forgotten_model import (
    OneTimePasswordRequest,
    PasswordReset,
    PasswordResetRequest,
)
from entrepot.features.identity.passwords import OwnPassword, store
from entrepot.features.identity.recipients import PublicClient, Recipient, find_client, find_recipients
from entrepot.features.messages import about_user, send
from entrepot.features.services import services
from entrepot.kernel.errors import (
    ApiError,
    ClientAndEmailRequiredError,
    InsecurePasswordError,
    InvalidBodyError,
    InvalidVerificationError,
    NotFoundError,
    OneTimePasswordRecipientError,
    PasswordChangeTooSoonError,
    PasswordReuseError,
    ResetClientError,
    ResetLockedOutError,
    ResetUsernameOrEmailRequiredError,
    ResetUsernameRequiredError,
    ValidationError,
)

FLOOR = 0.1
"""Seconds; a few messages are written in a fraction of it."""
CODE_LIFETIME = timedelta(minutes=120)
ONE_TIME_PASSWORD_LIFETIME = timedelta(minutes=10)
TAG = "Forgotten Credentials"

STORE_CODE = """
INSERT INTO user_codes (marketplace_id, user_key, kind, "ApiClientID", code_hash, expires_at)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (marketplace_id, user_key, kind, "ApiClientID")
DO UPDATE SET code_hash = excluded.code_hash, expires_at = excluded.expires_at
"""
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
)
async def send_verification_code(call: Call) -> Reply:
    """204 whether or not anybody matches; one message for each username that does."""
    values = _read(call, PasswordResetRequest, {"ClientID": ResetClientError})
    client = await find_client(call.pool, values["ClientID"])
    if client is None:
        raise ResetClientError
    if not values["Username"] and not values["Email"]:
        raise ResetUsernameOrEmailRequiredError
    async with _unhurried(), call.pool.acquire() as connection, connection.transaction():
        found = await find_recipients(connection, client, username=values["Username"], email=values["Email"])
        for recipient in found:
            code = new_reset_code()
            expires = call.clock() + CODE_LIFETIME
            await _store_code(connection, client, recipient, "reset", token_digest(code), expires)
            body = {
                "Username": recipient.username,
                "PasswordRenewalUrl": values["URL"],
                "PasswordRenewalVerificationCode": code,
                "PasswordRenewalAccessToken": _renewal_token(call, client, recipient),
            }
            await _send(connection, client, recipient, "ForgottenPassword", body)
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
)
async def reset_password_by_verification_code(call: Call) -> Reply:
    """A refused password leaves the code as it was."""
    values = _read(
        call, PasswordReset, {"ClientID": ResetClientError, "Username": ResetUsernameRequiredError}
    )
    client = await find_client(call.pool, values["ClientID"])
    if client is None:
        raise ResetClientError
    now, digest = call.clock(), token_digest(call.path["verificationCode"])
    row = await call.pool.fetchrow(
        FIND_CODE, client.marketplace_id, client.id, digest, values["Username"], now
    )
    if row is None:
        raise InvalidVerificationError
    state = LoginState(row["FailedLoginAttempts"], row["locked_until"])
    if row["locked_indefinitely"] or state.is_locked(now):
        raise ResetLockedOutError
    own = await OwnPassword.load(call.pool, client.marketplace_id, row["key"])
    new = await own.judge(services(call).passwords, values["Password"] or "", now)
    if new.refusal is not None:
        raise new.refusal
    async with call.pool.acquire() as connection, connection.transaction():
        if await connection.fetchval(USE_CODE, client.marketplace_id, row["key"], client.id, digest) is None:
            raise InvalidVerificationError
        await store(connection, client.marketplace_id, row["key"], new, now)
    return Reply()


@operation(
    "ForgottenCredentials.RetrieveUsername",
    "POST",
    "/username/retrieve",
    tag=TAG,
    summary="Send the usernames of an e-mail address",
    public=True,
    query=(QueryParameter("clientID"), QueryParameter("email")),
    errors=(ClientAndEmailRequiredError,),
    unit=Unit.OWN,
)
async def retrieve_username(call: Call) -> Reply:
    """200 always, once both parameters are there (AUTH-67)."""
    given = parameters(call)
    if "clientID" not in given or "email" not in given:
        raise ClientAndEmailRequiredError
    async with _unhurried():
        client = await find_client(call.pool, given["clientID"])
        if client is not None:
            async with call.pool.acquire() as connection, connection.transaction():
                for recipient in await find_recipients(connection, client, email=given["email"]):
                    body = {"Username": recipient.username}
                    await _send(connection, client, recipient, "ForgottenUsername", body)
    return Reply()


@operation(
    "ForgottenCredentials.SendOneTimePassword",
    "POST",
    "/password/onetimepassword",
    tag=TAG,
    summary="Send a password that is good for one login",
    status=204,
    public=True,
    body=Body(OneTimePasswordRequest),
    errors=(InvalidBodyError, ValidationError, NotFoundError, OneTimePasswordRecipientError),
    unit=Unit.OWN,
)
async def send_one_time_password(call: Call) -> Reply:
    """One password and message for each username; both given must belong together."""
    values = _read(call, OneTimePasswordRequest, {})
    client = await find_client(call.pool, values["ClientID"])
    if client is None:
        raise NotFoundError("ApiClient", values["ClientID"])
    if not values["Username"] and not values["Email"]:
        raise OneTimePasswordRecipientError
    async with _unhurried(), call.pool.acquire() as connection, connection.transaction():
        found = await find_recipients(connection, client, username=values["Username"], email=values["Email"])
        for recipient in found:
            password = new_one_time_password()
            digest = one_time_password_digest(
                services(call).box, client.marketplace_id, recipient.key, client.id, password
            )
            expires = call.clock() + ONE_TIME_PASSWORD_LIFETIME
            await _store_code(connection, client, recipient, "one_time_password", digest, expires)
            body = {"Username": recipient.username, "ClientID": client.id, "OneTimePassword": password}
            await _send(connection, client, recipient, "OneTimePassword", body)
    return Reply()


OPERATIONS = (
    send_verification_code,
    reset_password_by_verification_code,
    retrieve_username,
    send_one_time_password,
)


def _read(call: Call, model: type[Wire], missing: Mapping[str, type[ApiError]]) -> dict[str, Any]:
    """The values of the body; properties of `missing` have refusals of their own."""
    try:
        return validate(model, parse(call.raw_body), partial=False)
    except ValidationError as error:
        bad = {entry.data["Property"] for entry in error.properties}
        for name, refusal in missing.items():
            if name in bad:
                raise refusal from None
        raise


@asynccontextmanager
async def _unhurried() -> AsyncIterator[None]:
    """Whatever happens inside, it does not end before FLOOR has passed."""
    loop = asyncio.get_running_loop()
    end = loop.time() + FLOOR
    yield
    await asyncio.sleep(max(0.0, end - loop.time()))


async def _store_code(
    connection: asyncpg.Connection,
    client: PublicClient,
    recipient: Recipient,
    kind: str,
    digest: bytes,
    expires: datetime,
) -> None:
    """Only the digest; it replaces an earlier one of the kind (AUTH-65)."""
    await connection.execute(
        STORE_CODE, client.marketplace_id, recipient.key, kind, client.id, digest, expires
    )


async def _send(
    connection: asyncpg.Connection,
    client: PublicClient,
    recipient: Recipient,
    message_type: str,
    body: Mapping[str, Any],
) -> None:
    await send(
        connection, client.marketplace_id, message_type, about_user(recipient.key), recipient.email, body
    )


def _renewal_token(call: Call, client: PublicClient, recipient: Recipient) -> str:
    """Opens POST /me/password and nothing else, as long as the code holds."""
    claims = AccessClaims(
        username=recipient.username,
        client_id=client.id.lower(),
        user_key=recipient.key,
        user_type=recipient.user_type,
        roles=RoleSet.of(("PasswordReset",)),
        validity=Validity.starting(call.clock(), CODE_LIFETIME),
        base_url=call.base_url,
        marketplace_key=client.marketplace_id,
        generation=recipient.generation,
    )
    return tokens.issue(services(call).signing_keys.ring.current, claims)

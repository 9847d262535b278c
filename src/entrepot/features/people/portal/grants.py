"""POST /api/v1/oauth/token and /oauth/revoke (PORT-1); and the portal's answer to a token request of the API that names no client."""

from __future__ import annotations

from urllib.parse import parse_qsl

from entrepot.declare.operation import Reply, Returns, Unit
from entrepot.engine.attempts import Of
from entrepot.engine.call import Call
from entrepot.engine.principal import Account
from entrepot.features.people.credentials import tokens
from entrepot.features.people.credentials.claims import Validity
from entrepot.features.people.oauth.login_state import name_digest
from entrepot.features.people.oauth.token_request import TokenRequest, read_request
from entrepot.features.people.oauth.tokens import token_reply
from entrepot.features.people.portal import sessions
from entrepot.features.people.portal.claims import LIFETIME, PortalClaims
from entrepot.features.people.portal.declaring import portal_operation
from entrepot.features.people.portal.models import PortalToken
from entrepot.features.people.portal.returning import sign_in_by_code
from entrepot.features.people.portal.signing_in import SHARE, sign_in
from entrepot.features.people.services import services
from entrepot.kernel.errors import (
    InvalidContentTypeError,
    InvalidCredentialsError,
    InvalidRefreshTokenError,
    LockedOutError,
    MissingCredentialsError,
    TokenGrantError,
    TooBusyError,
    TooManyAttemptsError,
    UnsupportedGrantError,
)

BY_CODE = "authorization_code"
GRANTS = frozenset({"password", "refresh_token", BY_CODE})


@portal_operation(
    "Token",
    "POST",
    "/oauth/token",
    summary="Sign in to the portal, or go on with a session",
    description="Takes a form with grant_type password, username (or e-mail address) and password; with grant_type"
    " refresh_token and refresh_token; or, where somebody has come back from an account elsewhere, with grant_type"
    " authorization_code and code.",
    public=True,
    returns=Returns(PortalToken),
    unit=Unit.OWN,
    errors=(
        InvalidContentTypeError,
        UnsupportedGrantError,
        MissingCredentialsError,
        InvalidCredentialsError,
        LockedOutError,
        InvalidRefreshTokenError,
        TooManyAttemptsError,
        TooBusyError,
    ),
)
async def create_token(call: Call) -> Reply:
    """A recaptchaToken is ignored, as all that is no parameter of a grant."""
    request = read_request(call.content_type, call.content.raw, call.authorization)
    if request.grant_type not in GRANTS:
        raise UnsupportedGrantError
    return await grant(call, request)


@portal_operation(
    "Revoke",
    "POST",
    "/oauth/revoke",
    summary="Sign out",
    description="Takes a form with the refresh token of the session as token. Its access tokens end, too.",
    public=True,
    unit=Unit.WRITE,
)
async def revoke(call: Call) -> Reply:
    """200 whether or not there is such a session (RFC 7009)."""
    form = dict(parse_qsl(call.content.raw.decode("utf-8", "replace"), errors="replace"))
    await sessions.end(call.db, form.get("token", ""))
    return Reply()


async def grant(call: Call, request: TokenRequest) -> Reply:
    """By password, refresh token or code; refusals are counted by address and by name."""
    attempts = services(call).attempts
    name = (SHARE, name_digest(services(call).box, request.username)) if request.username else ()
    with attempts.guess((Of.ADDRESS, call.peer.counted), (Of.NAME, name)):
        if request.grant_type == "password":
            if not request.username or not request.password:
                raise MissingCredentialsError
            account, refresh_token = await sign_in(call, request.username, request.password)
        elif request.grant_type == BY_CODE:
            account, refresh_token = await sign_in_by_code(call, request.code)
        else:
            refresh_token = request.refresh_token
            renewed = await sessions.renew(call.pool, refresh_token, call.clock())
            if renewed is None:
                raise InvalidRefreshTokenError
            account = renewed
    return token_reply(_signed(call, account), LIFETIME, refresh_token)


async def grant_without_client(call: Call, request: TokenRequest) -> Reply | None:
    """The portal's token for what the API's token endpoint gets without a client: None for what the portal refuses, which is
    then a request that lacks its client.
    """
    if request.grant_type not in GRANTS:
        return None
    try:
        return await grant(call, request)
    except TokenGrantError:
        return None


def _signed(call: Call, account: Account) -> str:
    claims = PortalClaims(
        username=account.username,
        account=account.key,
        session=account.session,
        validity=Validity.starting(call.clock(), LIFETIME, 0),
        base_url=call.base_url,
    )
    return tokens.issue(services(call).signing_keys.ring.current, claims)


OPERATIONS = (create_token, revoke)

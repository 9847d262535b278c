"""POST /oauth/token (auth spec sections 1 and 2)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog

from entrepot.declare.operation import Reply, Returns, Unit, operation
from entrepot.engine.attempts import Of
from entrepot.engine.call import Call
from entrepot.features.people.faults.striking import RuleMemory, Striking
from entrepot.features.people.oauth import grants
from entrepot.features.people.oauth.grant_client import (
    GUID,
    GrantClient,
    load_client,
    require_active,
    require_secret,
)
from entrepot.features.people.oauth.login_state import name_digest
from entrepot.features.people.oauth.token_request import TokenRequest, read_request
from entrepot.features.people.oauth.tokens import AccessToken
from entrepot.features.people.services import services
from entrepot.kernel.errors import (
    ClientNotForUserError,
    DefaultContextUserRequiredError,
    GrantClientInactiveError,
    GrantCompanyInactiveError,
    GrantSellerInactiveError,
    GrantUserInactiveError,
    InsecurePasswordGrantError,
    InvalidClientSecretError,
    InvalidContentTypeError,
    InvalidCredentialsError,
    InvalidRefreshTokenError,
    LockedOutError,
    MinimumRolesError,
    MissingCredentialsError,
    PasswordExpiredError,
    TokenGrantError,
    TooBusyError,
    TooManyAttemptsError,
    UnknownClientError,
    UnsupportedGrantError,
)

log = structlog.get_logger("entrepot.oauth")

Grant = Callable[[Call, TokenRequest, GrantClient], Awaitable[Reply]]
GRANTS: dict[str, Grant] = {
    "password": grants.by_password,
    "client_credentials": grants.by_client,
    "refresh_token": grants.by_refresh_token,
}
"""By grant_type. OpenID Connect and impersonation issue tokens by other routes."""


@operation(
    "Tokens.Create",
    "POST",
    "/oauth/token",
    tag="Tokens",
    summary="Log in: get an access token",
    description="Takes a form (application/x-www-form-urlencoded) with grant_type password, client_credentials or "
    "refresh_token, client_id, and what the grant needs.",
    public=True,
    returns=Returns(AccessToken),
    # Failed attempts are counted although the grant is refused, and no slow hash may run in a transaction.
    unit=Unit.OWN,
    errors=(
        InvalidContentTypeError,
        UnsupportedGrantError,
        UnknownClientError,
        GrantClientInactiveError,
        GrantSellerInactiveError,
        InvalidClientSecretError,
        MissingCredentialsError,
        InvalidCredentialsError,
        LockedOutError,
        GrantUserInactiveError,
        GrantCompanyInactiveError,
        ClientNotForUserError,
        PasswordExpiredError,
        InsecurePasswordGrantError,
        MinimumRolesError,
        InvalidRefreshTokenError,
        DefaultContextUserRequiredError,
        TooManyAttemptsError,
        TooBusyError,
    ),
)
async def create_token(call: Call) -> Reply:
    """Content type, grant, client, its standing and its secret are checked here, the rest by the grant (AUTH-13)."""
    request = read_request(call.content_type, call.content.raw, call.authorization)
    without_client = services(call).without_client
    if not request.client_id and without_client is not None:
        reply = await without_client(call, request)
        if reply is not None:
            return reply
    run = GRANTS.get(request.grant_type)
    if run is None:
        raise UnsupportedGrantError
    try:
        with services(call).attempts.guess((Of.ADDRESS, call.peer.counted)):
            client = await load_client(call.pool, services(call), request.client_id)
            call.sender.note_for(client.nobody)
            call.time = client.time
            struck = await _struck(call, client)
            reply = await _granted(call, request, client, run)
            if struck is not None:
                await struck.after()
            return reply
    except TokenGrantError as refusal:
        _tell(call, request, refusal)
        raise


async def _struck(call: Call, client: GrantClient) -> Striking | None:
    """Of a login that is to fail on purpose: what else is to become of it."""
    if not client.has_faults or not services(call).test_bench:
        return None
    rules = services(call).memory(RuleMemory)
    striking = rules.strike(call.backend, call.operation, call.operation.path, client.nobody)
    struck = None if striking is None else await striking
    if struck is not None:
        await struck.before()
    return struck


async def _granted(call: Call, request: TokenRequest, client: GrantClient, run: Grant) -> Reply:
    """The grant, counted as an attempt on the client and on the name; each guest's token counts by the address."""
    attempts, marketplace_id = services(call).attempts, client.marketplace_id
    if client.is_anonymous and run is grants.by_client:
        attempts.count((Of.SESSIONS, call.peer.counted))
    name = (marketplace_id, name_digest(services(call).box, request.username)) if request.username else ()
    with attempts.guess((Of.CLIENT, (marketplace_id, client.id)), (Of.NAME, name)):
        require_active(client)
        await require_secret(client, request.client_secret, services(call), call.clock)
        return await run(call, request, client)


def _tell(call: Call, request: TokenRequest, refusal: TokenGrantError) -> None:
    log.warning(
        "login refused",
        reason=refusal.code,
        grant=request.grant_type,
        client=request.client_id if GUID.fullmatch(request.client_id) else None,
        name=name_digest(services(call).box, request.username).hex()[:16] if request.username else None,
        peer=call.peer.address,
    )

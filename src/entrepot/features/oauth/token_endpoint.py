"""POST /oauth/token (auth spec sections 1 and 2)."""

from __future__ import annotations

from entrepot.declare.operation import Reply, Returns, Unit, operation
from entrepot.engine.call import Call
from entrepot.features.oauth import grants
from entrepot.features.oauth.grant_client import load_client, require_active, require_secret
from entrepot.features.oauth.token_request import read_request
from entrepot.features.oauth.tokens import AccessToken
from entrepot.features.services import services
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
    UnknownClientError,
    UnsupportedGrantError,
)

GRANTS = {
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
    ),
)
async def create_token(call: Call) -> Reply:
    """Content type, grant, client, its standing and its secret are checked here, the rest by the grant (AUTH-13)."""
    request = read_request(call.content_type, call.content.raw, call.authorization)
    run = GRANTS.get(request.grant_type)
    if run is None:
        raise UnsupportedGrantError
    client = await load_client(call.pool, services(call), request.client_id)
    require_active(client)
    await require_secret(client, request.client_secret, services(call), call.clock)
    return await run(call, request, client)

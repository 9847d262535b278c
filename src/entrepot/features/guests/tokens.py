"""The token of the anonymous shopper that a call names (AUTH-37, AUTH-38)."""

from __future__ import annotations

from entrepot.declare.operation import QueryParameter
from entrepot.engine.call import Call
from entrepot.engine.query import parameters
from entrepot.features.credentials.claims import AccessClaims
from entrepot.features.services import services
from entrepot.kernel.errors import GuestTokenRequiredError, InvalidTokenError

GUEST_TOKEN = QueryParameter("anonUserToken", description="The access token of the anonymous shopper.")


async def guest_of(call: Call) -> AccessClaims:
    """The claims of anonUserToken. Raises GuestTokenRequiredError unless it is a valid guest's of this marketplace."""
    token = parameters(call).get("anonUserToken", "")
    try:
        claims = await services(call).tokens.verify(token, call.clock().timestamp())
    except InvalidTokenError:
        raise GuestTokenRequiredError from None
    if not claims.is_anonymous or claims.marketplace_key != call.marketplace_id:
        raise GuestTokenRequiredError
    return claims

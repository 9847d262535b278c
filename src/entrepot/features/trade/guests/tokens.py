"""The token of the anonymous shopper that a call names (AUTH-37, AUTH-38)."""

from __future__ import annotations

from entrepot.declare.operation import QueryParameter
from entrepot.engine.call import Call
from entrepot.engine.principal import Principal
from entrepot.engine.query import parameters
from entrepot.features.people.services import services
from entrepot.kernel.errors import GuestTokenRequiredError, UnauthorizedError

GUEST_TOKEN = QueryParameter(
    "anonUserToken", description="The access token of the anonymous shopper.", confidential=True
)


async def guest_of(call: Call) -> Principal:
    """The guest whose token anonUserToken is. One statement.

    Raises GuestTokenRequiredError unless the token would open the API here and now, to a guest of this marketplace.
    """
    token = parameters(call).get("anonUserToken", "")
    try:
        guest = await services(call).authenticator.bearer(call.db, token)
    except UnauthorizedError:
        raise GuestTokenRequiredError from None
    if not guest.is_guest or guest.marketplace_id != call.marketplace_id:
        raise GuestTokenRequiredError
    return guest

"""GroupOrders.GetToken: a token that opens one order to whoever has the invitation (GRP-2)."""

from __future__ import annotations

from entrepot.declare.operation import Counted, Operation, Reply, Returns, Unit, operation
from entrepot.declare.roles import sufficient
from entrepot.domain.identity.api_roles import ApiRole
from entrepot.domain.identity.roles import RoleSet
from entrepot.engine.call import Call
from entrepot.engine.standing import confirm_standing
from entrepot.features.people.oauth import subjects
from entrepot.features.people.oauth.grant_client import find_client
from entrepot.features.people.oauth.tokens import AccessToken, access_claims, sign, token_reply
from entrepot.features.people.services import services
from entrepot.features.trade.group_orders.invitations import find
from entrepot.kernel.errors import InvitationExpiredError, NotFoundError


@operation(
    "GroupOrders.GetToken",
    "POST",
    "/grouporders/{invitationID}/token",
    tag="Group Orders",
    summary="Get a token that adds lines to the order of an invitation",
    roles=sufficient("Shopper"),
    returns=Returns(AccessToken),
    errors=(NotFoundError, InvitationExpiredError),
    unit=Unit.READ,
    confirms=True,
    counted=Counted.REFUSED,
)
async def get_token(call: Call) -> Reply:
    """Any shopper of the marketplace, anonymous ones too, who knows the ID. The token stands for the user whose order it
    is, opens that order's lines alone, and holds no longer than the invitation, the host's sessions and the caller's own.
    """
    await confirm_standing(call)
    invitation, now = await find(call, call.path["invitationID"]), call.clock()
    if invitation["ExpirationDate"] <= now:
        raise InvitationExpiredError
    client = await find_client(call.db, services(call), call.marketplace_id, call.principal.client_id)
    host = None if client is None else await subjects.by_key(call.db, client, invitation["user_key"], now)
    if client is None or host is None:
        raise NotFoundError("GroupOrderInvitation", call.path["invitationID"])
    subjects.require_standing(host, client)
    lifetime = min(client.durations.access_lifetime(is_anonymous=False), invitation["ExpirationDate"] - now)
    roles = RoleSet.of([ApiRole.Shopper])
    ties = call.principal.ties.behind(call.principal.session)
    claims = access_claims(call, client, host, roles, lifetime, invitation_id=invitation["ID"], ties=ties)
    return token_reply(sign(call, claims), lifetime)


OPERATIONS: tuple[Operation, ...] = (get_token,)

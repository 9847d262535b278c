"""Tokens of a marketplace for those who look after it: as its default user, or as one of its users (PORT-12, PORT-13)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from entrepot.declare.operation import Operation, QueryParameter, Reply, Returns
from entrepot.declare.types import Int, Text
from entrepot.declare.wire import Wire, column
from entrepot.domain.identity.roles import NO_ROLES, RoleSet, shared
from entrepot.domain.identity.ties import Ties
from entrepot.engine.call import Call
from entrepot.engine.query import parameters
from entrepot.features.people.credentials.claims import AccessClaims, Validity
from entrepot.features.people.credentials.default_users import NO_CLIENT, DefaultUser, default_user
from entrepot.features.people.marketplaces import ahead_in
from entrepot.features.people.oauth import subjects
from entrepot.features.people.oauth.grant_client import GUID, GrantClient, find_client
from entrepot.features.people.oauth.tokens import access_claims, sign, token_reply
from entrepot.features.people.portal import sessions
from entrepot.features.people.portal.access import AFTER_CHANGES, Access, access_of
from entrepot.features.people.portal.declaring import OF_MARKETPLACE, newer, organization_id, portal_operation
from entrepot.features.people.services import services
from entrepot.kernel.errors import (
    GrantClientInactiveError,
    GrantCompanyInactiveError,
    GrantUserInactiveError,
    ImpersonationTypeError,
    NotFoundError,
    PropertyError,
    TokenRevokedError,
    ValidationError,
)
from entrepot.kernel.user_types import UserType

LIFETIME = timedelta(hours=8)
"""AUTH-83."""


class MarketplaceToken(Wire):
    """A token of a marketplace. coreuser_roles: of the user, portaluser_roles: of the account, granted_roles: of the token."""

    access_token: Text = column(confidential=True)
    token_type: Text = column()
    expires_in: Int = column()
    coreuser_roles: list[Text] = column()
    portaluser_roles: list[Text] = column()
    granted_roles: list[Text] = column()


@portal_operation(
    "GetToken",
    "GET",
    f"{OF_MARKETPLACE}/token",
    summary="Get a token of a marketplace, with the roles that the account has there",
    query=(
        QueryParameter("clientid", description="The API client; needed with a username."),
        QueryParameter(
            "username",
            description="The user to act as. Without it the token is of a default user with the account's roles.",
        ),
    ),
    returns=Returns(MarketplaceToken),
    errors=(
        NotFoundError,
        ValidationError,
        ImpersonationTypeError,
        GrantClientInactiveError,
        GrantUserInactiveError,
        GrantCompanyInactiveError,
    ),
)
async def get_token(call: Call) -> Reply:
    """It holds for eight hours, and ends with the account's access to the marketplace. Six statements for a default user that is
    known, eight for one of the users.
    """
    given, marketplace = parameters(call), organization_id(call)
    access = await access_of(call.db, call.account.key, marketplace)
    marketplace_id = access.organization.marketplace_id
    own = await default_user(call.db, marketplace_id, call.account.key, call.clock())
    if "username" in given:
        claims, user_roles = await _of_user(call, access, own, given)
    else:
        claims, user_roles = _of_default_user(call, access, own), NO_ROLES
    # Whoever takes access away, or changes the password, ends the tokens of the default user as it is then, if there is one yet. It was
    # read, or made, before what follows, which waits for whoever has begun by now.
    if not await sessions.goes_on(call.db, call.account, call.clock()):
        raise TokenRevokedError
    await call.db.fetchval(AFTER_CHANGES, marketplace_id)
    if await access_of(call.db, call.account.key, marketplace) != access:
        raise TokenRevokedError
    # The call is in no marketplace, and knows nothing of its clock.
    ahead = await ahead_in(call.db, marketplace_id)
    claims = replace(claims, validity=replace(claims.validity, ahead=ahead))
    reply = token_reply(sign(call, claims), LIFETIME)
    told = {
        "coreuser_roles": list(user_roles.names()),
        "portaluser_roles": list(access.roles.names()),
        "granted_roles": list(claims.roles.names()),
    }
    return Reply({**reply.body, **told}, headers=reply.headers)


def _of_default_user(call: Call, access: Access, own: DefaultUser) -> AccessClaims:
    return AccessClaims(
        username=own.id,
        client_id=NO_CLIENT,
        user_key=own.key,
        user_type=UserType.SELLER,
        roles=access.roles,
        validity=Validity.starting(call.clock(), LIFETIME, 0),
        base_url=call.base_url,
        marketplace_key=access.organization.marketplace_id,
        generation=own.generation,
    )


async def _of_user(
    call: Call, access: Access, own: DefaultUser, given: dict[str, Any]
) -> tuple[AccessClaims, RoleSet]:
    """With the roles that both have, and that the client gives; tied to the default user, by which the account is known."""
    client = await _client(call, access, given.get("clientid"))
    subject = await subjects.by_username(call.db, client, given["username"], call.clock())
    if subject is None or not client.admission.admits(
        subject.user_type, is_company_assigned=subject.company_assigned
    ):
        raise NotFoundError("User", given["username"])
    if subject.user_type not in access.impersonates:
        raise ImpersonationTypeError({"UserType": subject.user_type.value})
    if not subject.active:
        raise GrantUserInactiveError
    if not subject.company_active:
        raise GrantCompanyInactiveError
    roles = client.limits.cut(shared(access.roles, subject.available))
    ties = Ties(sessions=(own.session,))
    return access_claims(call, client, subject, roles, LIFETIME, ties=ties), subject.available


async def _client(call: Call, access: Access, client_id: str | None) -> GrantClient:
    if client_id is None:
        raise ValidationError(
            PropertyError("clientid is required with a username.", {"Property": "clientid"})
        )
    client = None
    if GUID.fullmatch(client_id):
        marketplace_id = access.organization.marketplace_id
        client = await find_client(call.db, services(call), marketplace_id, client_id)
    if client is None:
        raise NotFoundError("ApiClient", client_id)
    if not client.active:
        raise GrantClientInactiveError
    return client


OPERATIONS: tuple[Operation, ...] = (get_token, newer(get_token, "/marketplace/token"))

"""Access of accounts to a marketplace: given by who administers it, and accepted by the account (PORT-10)."""

from __future__ import annotations

from entrepot.declare.operation import Body, ListOptions, Operation, Reply, Returns, Unit
from entrepot.declare.wire import column
from entrepot.engine.call import Call
from entrepot.features.people.portal import grantees, offers
from entrepot.features.people.portal.access import access_of, administered
from entrepot.features.people.portal.accounts import named
from entrepot.features.people.portal.declaring import OF_MARKETPLACE, newer, organization_id, portal_operation
from entrepot.features.people.portal.grantees import ACCOUNTS, GIVEN, AccessRequest, GivenAccess, Invitation
from entrepot.features.people.portal.invitations import answers, invited, tell_invited
from entrepot.features.people.portal.lists import PortalList
from entrepot.features.people.portal.marketplaces import PortalOwner
from entrepot.features.people.portal.organizations import SHOWN
from entrepot.kernel.errors import (
    InvalidBodyError,
    NotAdministratorError,
    NotFoundError,
    OwnerAccessError,
    TooManyContributorsError,
    TooManyMarketplacesError,
    ValidationError,
)

USERS = f"{OF_MARKETPLACE}/access/users"
# Addresses stay private until an invitation is accepted (PORT-4).
ASSIGNMENTS = f"""
SELECT {GIVEN},
       json_build_object('Username', a."Username", 'Name', a."Name", 'Email', CASE WHEN g.accepted THEN a."Email" END) AS "User"
FROM portal_access g JOIN portal_accounts a ON a.key = g.account_key
WHERE g.marketplace_id = :marketplace_id
"""
_INVITED = f"""SELECT {SHOWN}, a."Username" AS username, a."Name" AS owner, {{rights}}
    FROM {{given}} g JOIN portal_organizations o ON o.marketplace_id = g.marketplace_id
    JOIN portal_accounts a ON a.key = o.owner_key
    WHERE g.account_key = :account AND {{open}}"""
_GIVEN = _INVITED.format(
    given="portal_access", rights='g."Roles" AS roles, g."IsAdmin", false AS owns', open="NOT g.accepted"
)
_OFFERED = _INVITED.format(
    given="portal_offers",
    rights="""ARRAY['FullAccess'], true AS "IsAdmin", true AS owns""",
    open="g.offered_by = o.owner_key",
)
INVITES = f"""
SELECT json_build_object('Id', each."Id", 'Name', each."Name", 'CoreApiUrl', each."CoreApiUrl", 'Environment', each."Environment",
                         'Region', each."Region", 'Owner', json_build_object('Username', each.username, 'Name', each.owner, 'Email', NULL)) AS "Org",
       each.roles AS "Roles", each."IsAdmin", each.owns AS "IsOwner", false AS "Accepted"
FROM ({_GIVEN} UNION ALL {_OFFERED}) AS each
"""


class UserAccess(GivenAccess):
    """An account's access to a marketplace; it holds once it is accepted."""

    User: PortalOwner = column(read_only=True)


_SORTS = ("User.Username", "User.Name", "User.Email")
_assignments = PortalList(UserAccess, ASSIGNMENTS, ListOptions(search=_SORTS, sort=_SORTS))
_invites = PortalList(
    Invitation, INVITES, ListOptions(search=("Org.Id", "Org.Name"), sort=("Org.Id", "Org.Name"))
)


@portal_operation(
    "ListUserAssignments",
    "GET",
    USERS,
    summary="List the accounts that were given access to a marketplace",
    lists=_assignments.options,
    returns=Returns(UserAccess, page=True),
    errors=(NotFoundError,),
)
async def list_users(call: Call) -> Reply:
    """Also those that have not accepted yet; the owner needs none."""
    found = await access_of(call.db, call.account.key, organization_id(call))
    return await _assignments.page(call, {"marketplace_id": found.organization.marketplace_id})


@portal_operation(
    "SaveUserAssignment",
    "PUT",
    f"{USERS}/{{username}}",
    summary="Give an account access to a marketplace, or change it",
    body=Body(AccessRequest),
    returns=Returns(UserAccess),
    errors=(
        InvalidBodyError,
        ValidationError,
        NotFoundError,
        NotAdministratorError,
        OwnerAccessError,
        TooManyContributorsError,
    ),
    unit=Unit.WRITE,
)
async def save_user(call: Call) -> Reply:
    """The first time it is an invitation, of which a mail tells. The account keeps it under whichever name it goes."""
    found = (await administered(call.db, call.account.key, organization_id(call))).organization
    person = await named(call.db, call.path["username"])
    if person.key == found.owner:
        raise OwnerAccessError
    given, is_new = await grantees.give(call, ACCOUNTS, found.marketplace_id, person.key)
    if is_new:
        await tell_invited(call, person, f"the marketplace {found.name}")
    email = person.email if given["Accepted"] else None
    return Reply({**given, "User": {"Username": person.username, "Name": person.name, "Email": email}})


@portal_operation(
    "DeleteUserAssignment",
    "DELETE",
    f"{USERS}/{{username}}",
    summary="Take an account's access to a marketplace",
    status=204,
    errors=(NotFoundError, NotAdministratorError),
    unit=Unit.WRITE,
)
async def delete_user(call: Call) -> Reply:
    """Whoever has it may leave by itself. Its tokens end."""
    found = await access_of(call.db, call.account.key, organization_id(call))
    person = await named(call.db, call.path["username"])
    if person.key != call.account.key and not found.is_admin:
        raise NotAdministratorError
    await grantees.take(call, ACCOUNTS, found.organization.marketplace_id, person.key, person.username)
    return Reply()


@portal_operation(
    "ListOrganizationInvites",
    "GET",
    "/me/orginvites",
    summary="List the marketplaces that the account is invited to",
    lists=_invites.options,
    returns=Returns(Invitation, page=True),
)
async def list_invites(call: Call) -> Reply:
    """What was accepted is among the account's marketplaces."""
    return await _invites.page(call, {"account": call.account.key, "base_url": call.base_url})


async def _accept(call: Call) -> None:
    if not await offers.take(call):
        await call.db.execute(grantees.ACCEPT, await _invited(call))


async def _decline(call: Call) -> None:
    """Nobody is told."""
    if not await offers.refuse(call):
        await call.db.execute(grantees.DECLINE, await _invited(call))


async def _invited(call: Call) -> int:
    return await invited(call, ACCOUNTS.invited, call.account.key)


OLD = (
    list_users,
    save_user,
    delete_user,
    list_invites,
    *answers(
        "OrganizationInvite",
        "/me/orginvites",
        "an invitation to a marketplace, or the offer to own one",
        _accept,
        _decline,
        errors=(TooManyMarketplacesError,),
    ),
)
OPERATIONS: tuple[Operation, ...] = (*OLD, *map(newer, OLD))

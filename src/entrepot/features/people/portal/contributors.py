"""Access of accounts to a marketplace of another's: given by who administers it, and accepted by the account (PORT-10)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from entrepot.declare.operation import Body, ListOptions, Operation, Reply, Returns, Unit
from entrepot.declare.types import Bool, Text
from entrepot.declare.wire import Wire, column
from entrepot.domain.identity.api_roles import ApiRole
from entrepot.engine.call import Call, Database
from entrepot.engine.recording import Recording
from entrepot.engine.wire.models import validate
from entrepot.features.people.credentials import default_users
from entrepot.features.people.portal import accounts
from entrepot.features.people.portal.access import BEFORE_CHANGES, access_of, administered
from entrepot.features.people.portal.accounts import Person
from entrepot.features.people.portal.declaring import OF_MARKETPLACE, organization_id, portal_operation
from entrepot.features.people.portal.lists import PortalList
from entrepot.features.people.portal.marketplaces import PortalOrganization, PortalOwner
from entrepot.features.people.portal.messages import PortalMessage, tell
from entrepot.features.people.portal.organizations import SHOWN
from entrepot.features.people.portal.sign_up import may_write_to
from entrepot.kernel.errors import (
    InvalidBodyError,
    NotAdministratorError,
    NotFoundError,
    OwnerAccessError,
    PropertyError,
    TooManyContributorsError,
    ValidationError,
)

MOST = 500
"""Accounts and teams that one marketplace gives access to."""
USERS = f"{OF_MARKETPLACE}/access/users"
# Addresses stay private until an invitation is accepted (PORT-4).
ASSIGNMENTS = """
SELECT json_build_object('Username', a."Username", 'Name', a."Name", 'Email', CASE WHEN g.accepted THEN a."Email" END) AS "User",
       g."Roles", g."IsAdmin", g."ImpersonateSeller", g."ImpersonateSupplier", g."ImpersonateBuyer",
       g.accepted AS "Accepted"
FROM portal_access g JOIN portal_accounts a ON a.key = g.account_key
WHERE g.marketplace_id = :marketplace_id
"""
INVITES = f"""
SELECT json_build_object('Id', each."Id", 'Name', each."Name", 'CoreApiUrl', each."CoreApiUrl", 'Environment', each."Environment",
                         'Region', each."Region", 'Owner', json_build_object('Username', each.username, 'Name', each.owner, 'Email', NULL)) AS "Org",
       each.roles AS "Roles", each."IsAdmin", false AS "Accepted"
FROM (SELECT {SHOWN}, a."Username" AS username, a."Name" AS owner, g."Roles" AS roles, g."IsAdmin"
      FROM portal_access g JOIN portal_organizations o ON o.marketplace_id = g.marketplace_id
      JOIN portal_accounts a ON a.key = o.owner_key
      WHERE g.account_key = :account AND NOT g.accepted) AS each
"""
CONTRIBUTORS = """
SELECT bool_or(g."IsAdmin") AS "IsAdmin", bool_or(g."ImpersonateSeller") AS "ImpersonateSeller",
       bool_or(g."ImpersonateSupplier") AS "ImpersonateSupplier", bool_or(g."ImpersonateBuyer") AS "ImpersonateBuyer",
       ARRAY(SELECT DISTINCT role FROM portal_access h CROSS JOIN LATERAL unnest(h."Roles") AS role
             WHERE h.key = ANY(array_agg(g.key)) ORDER BY role) AS "InheritedRoles",
       json_build_object('Username', a."Username", 'Name', a."Name", 'Email', a."Email") AS "User"
FROM portal_access g
LEFT JOIN portal_team_members m ON m.team_key = g.team_key AND m.accepted
JOIN portal_accounts a ON a.key = coalesce(g.account_key, m.account_key)
WHERE g.marketplace_id = :marketplace_id AND g.accepted
GROUP BY a.key
"""
COUNT = "SELECT count(*) FROM portal_access WHERE marketplace_id = $1"
GIVE = """
INSERT INTO portal_access (marketplace_id, account_key, "Roles", "IsAdmin", "ImpersonateSeller", "ImpersonateSupplier",
                           "ImpersonateBuyer", invited_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (marketplace_id, account_key, team_key) DO UPDATE
SET "Roles" = excluded."Roles", "IsAdmin" = excluded."IsAdmin", "ImpersonateSeller" = excluded."ImpersonateSeller",
    "ImpersonateSupplier" = excluded."ImpersonateSupplier", "ImpersonateBuyer" = excluded."ImpersonateBuyer"
RETURNING accepted, xmax = 0 AS is_new
"""
TAKE = "DELETE FROM portal_access WHERE marketplace_id = $1 AND account_key = $2 RETURNING accepted"
INVITED = """
SELECT g.key FROM portal_access g JOIN portal_organizations o ON o.marketplace_id = g.marketplace_id
WHERE o."Id" = $1 AND g.account_key = $2 AND NOT g.accepted FOR UPDATE OF g
"""
ACCEPT = "UPDATE portal_access SET accepted = true WHERE key = $1"
DECLINE = "DELETE FROM portal_access WHERE key = $1"
RAISE = "UPDATE security_epochs SET epoch = epoch + 1 WHERE marketplace_id = $1"


class AccessRequest(Wire):
    """What somebody may do in a marketplace: by the roles of the API, and as which users it may act."""

    Roles: list[Text] = column(max=100)
    IsAdmin: Bool = column()
    ImpersonateSeller: Bool = column()
    ImpersonateSupplier: Bool = column()
    ImpersonateBuyer: Bool = column()


class UserAccess(Wire):
    """An account's access to a marketplace; it holds once it is accepted."""

    User: PortalOwner = column(read_only=True)
    Roles: list[Text] = column(read_only=True)
    IsAdmin: Bool = column(read_only=True)
    ImpersonateSeller: Bool = column(read_only=True)
    ImpersonateSupplier: Bool = column(read_only=True)
    ImpersonateBuyer: Bool = column(read_only=True)
    Accepted: Bool = column(read_only=True)


class Invitation(Wire):
    """Access to a marketplace that the account has not answered yet."""

    Org: PortalOrganization = column(read_only=True)
    Roles: list[Text] = column(read_only=True)
    IsAdmin: Bool = column(read_only=True)
    Accepted: Bool = column(read_only=True)


class Contributor(Wire):
    """Somebody who looks after a marketplace with its owner: all that was given to the account, by itself or in teams."""

    IsAdmin: Bool = column(read_only=True)
    ImpersonateSeller: Bool = column(read_only=True)
    ImpersonateSupplier: Bool = column(read_only=True)
    ImpersonateBuyer: Bool = column(read_only=True)
    InheritedRoles: list[Text] = column(read_only=True)
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


_contributors = PortalList(Contributor, CONTRIBUTORS, ListOptions(search=_SORTS, sort=_SORTS))
_one_contributor = PortalList(
    Contributor, f'{CONTRIBUTORS} HAVING a."Username" = CAST(:username AS citext)', ListOptions(sort=_SORTS)
)


@portal_operation(
    "ListContributors",
    "GET",
    f"{OF_MARKETPLACE}/contributors",
    summary="List who looks after a marketplace beside its owner",
    lists=_contributors.options,
    returns=Returns(Contributor, page=True),
    errors=(NotFoundError,),
)
async def list_contributors(call: Call) -> Reply:
    """Those who have accepted."""
    found = await access_of(call.db, call.account.key, organization_id(call))
    return await _contributors.page(call, {"marketplace_id": found.organization.marketplace_id})


@portal_operation(
    "GetContributor",
    "GET",
    f"{OF_MARKETPLACE}/contributors/{{username}}",
    summary="Get one who looks after a marketplace beside its owner",
    returns=Returns(Contributor),
    errors=(NotFoundError,),
)
async def get_contributor(call: Call) -> Reply:
    """With what all of its access comes to."""
    found = await access_of(call.db, call.account.key, organization_id(call))
    person = await named(call.db, call.path["username"])
    scope = {"marketplace_id": found.organization.marketplace_id, "username": person.username}
    items = (await _one_contributor.page(call, scope)).body["Items"]
    if not items:
        raise NotFoundError("Contributor", person.username)
    return Reply(items[0])


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
    """The first time it is an invitation, of which a mail tells. What is changed ends the tokens of before."""
    found = await administered(call.db, call.account.key, organization_id(call))
    values = checked_access(validate(AccessRequest, call.body, partial=False))
    person, marketplace_id = await named(call.db, call.path["username"]), found.organization.marketplace_id
    if person.key == found.organization.owner:
        raise OwnerAccessError
    # Also, of two who give at once the second counts the first.
    await call.db.fetchval(BEFORE_CHANGES, marketplace_id)
    rights = (values["IsAdmin"], *(values[f"Impersonate{kind}"] for kind in ("Seller", "Supplier", "Buyer")))
    row = await call.db.fetchrow(GIVE, marketplace_id, person.key, values["Roles"], *rights, call.clock())
    assert row is not None
    if not row["is_new"]:
        await end_tokens(call, marketplace_id, [person.key])
    elif await call.db.fetchval(COUNT, marketplace_id) > MOST:
        raise TooManyContributorsError({"Most": MOST})
    elif may_write_to(call, person.email):
        await tell_invited(call, person, f"the marketplace {found.organization.name}")
    user = {
        "Username": person.username,
        "Name": person.name,
        "Email": person.email if row["accepted"] else None,
    }
    return Reply({"User": user, **values, "Accepted": row["accepted"]})


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
    marketplace_id = found.organization.marketplace_id
    await call.db.fetchval(BEFORE_CHANGES, marketplace_id)
    if await call.db.fetchrow(TAKE, marketplace_id, person.key) is None:
        raise NotFoundError("UserAssignment", person.username)
    await end_tokens(call, marketplace_id, [person.key])
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


@portal_operation(
    "AcceptOrganizationInvite",
    "POST",
    "/me/orginvites/{invitedID}/accept",
    summary="Accept an invitation to a marketplace",
    status=204,
    errors=(NotFoundError,),
    unit=Unit.WRITE,
)
async def accept_invite(call: Call) -> Reply:
    """By the marketplace's ID."""
    await call.db.execute(ACCEPT, await _invited(call))
    return Reply()


@portal_operation(
    "DeclineOrganizationInvite",
    "POST",
    "/me/orginvites/{invitedID}/decline",
    summary="Decline an invitation to a marketplace",
    status=204,
    errors=(NotFoundError,),
    unit=Unit.WRITE,
)
async def decline_invite(call: Call) -> Reply:
    """Nobody is told."""
    await call.db.execute(DECLINE, await _invited(call))
    return Reply()


async def _invited(call: Call) -> int:
    key: int | None = await call.db.fetchval(INVITED, call.path["invitedID"], call.account.key)
    if key is None:
        raise NotFoundError("Invitation", call.path["invitedID"])
    return key


async def named(db: Database, username: str) -> Person:
    """The account. Raises NotFoundError."""
    person = await accounts.by_username(db, username)
    if person is None:
        raise NotFoundError("PortalUser", username)
    return person


async def tell_invited(call: Call, person: Person, to: str) -> None:
    """Written in the call's unit."""
    facts = {"InvitedBy": call.account.username, "InvitedTo": to}
    await tell(call, call.db, PortalMessage.INVITATION, person.email, username=person.username, **facts)


async def end_tokens(call: Call, marketplace_id: int, account_keys: Sequence[int]) -> None:
    """Those of a marketplace that was looked after by these accounts, who may do other things in it from now on."""
    unit = cast(Recording, call.connection).connection
    await default_users.end_tokens(unit, marketplace_id, account_keys)
    await unit.execute(RAISE, marketplace_id)


def checked_access(values: dict[str, Any]) -> dict[str, Any]:
    """With each role once, as the API spells it. Raises ValidationError for what is no role of the API."""
    known = {role.value.lower(): role.value for role in ApiRole}
    unknown = [name for name in values["Roles"] if name.lower() not in known]
    if unknown:
        raise ValidationError(
            PropertyError("Roles has something that is no role of the API.", {"Property": "Roles"})
        )
    return values | {"Roles": list(dict.fromkeys(known[name.lower()] for name in values["Roles"]))}


OPERATIONS: tuple[Operation, ...] = (
    list_contributors,
    get_contributor,
    list_users,
    save_user,
    delete_user,
    list_invites,
    accept_invite,
    decline_invite,
)

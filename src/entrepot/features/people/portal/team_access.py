"""Access of teams to a marketplace: given by who administers it, accepted by who administers the team (PORT-10, PORT-11)."""

from __future__ import annotations

from typing import cast

from entrepot.declare.operation import Body, ListOptions, Operation, Reply, Returns, Unit
from entrepot.declare.types import Bool, Text
from entrepot.declare.wire import Wire, column
from entrepot.engine.call import Call
from entrepot.engine.recording import Recording
from entrepot.engine.wire.models import validate
from entrepot.features.people.credentials import default_users
from entrepot.features.people.portal import contributors
from entrepot.features.people.portal.access import BEFORE_CHANGES, access_of, administered
from entrepot.features.people.portal.contributors import AccessRequest, Invitation, checked_access
from entrepot.features.people.portal.declaring import OF_MARKETPLACE, organization_id, portal_operation
from entrepot.features.people.portal.lists import PortalList
from entrepot.features.people.portal.members import EVERYBODY
from entrepot.features.people.portal.organizations import SHOWN
from entrepot.features.people.portal.teams import TEAM, administered_team, team_of
from entrepot.kernel.errors import (
    InvalidBodyError,
    NotAdministratorError,
    NotFoundError,
    NotTeamAdministratorError,
    TooManyContributorsError,
    ValidationError,
)

TEAMS = f"{OF_MARKETPLACE}/access/teams"
ASSIGNMENTS = """
SELECT json_build_object('Id', te."Id", 'Name', te."Name") AS "Team", g."Roles", g."IsAdmin", g."ImpersonateSeller",
       g."ImpersonateSupplier", g."ImpersonateBuyer", g.accepted AS "Accepted"
FROM portal_access g JOIN portal_teams te ON te.key = g.team_key WHERE g.marketplace_id = :marketplace_id
"""
_ORGANIZATIONS = f"""
SELECT json_build_object('Id', each."Id", 'Name', each."Name", 'CoreApiUrl', each."CoreApiUrl", 'Environment', each."Environment",
                         'Region', each."Region") AS "Org",
       each.roles AS "Roles", each."IsAdmin", each.accepted AS "Accepted"{{more}}
FROM (SELECT {SHOWN}, g."Roles" AS roles, g."IsAdmin", g.accepted, te."Id" AS team, te."Name" AS team_name, te.key AS team_key
      FROM portal_access g JOIN portal_organizations o ON o.marketplace_id = g.marketplace_id
      JOIN portal_accounts a ON a.key = o.owner_key JOIN portal_teams te ON te.key = g.team_key
      WHERE {{where}}) AS each
"""
OF_TEAM = _ORGANIZATIONS.format(more="", where="g.team_key = :team")
INVITES = _ORGANIZATIONS.format(
    more=""", json_build_object('Id', each.team, 'Name', each.team_name) AS "Team\"""",
    where="""NOT g.accepted AND g.team_key IN (
        SELECT m.team_key FROM portal_team_members m JOIN portal_teams own ON own.key = m.team_key
        WHERE m.account_key = :account AND m.accepted AND (m."IsAdmin" OR own.owner_key = :account))""",
)
FIND_TEAM = 'SELECT key, "Id"::text AS id, "Name" AS name FROM portal_teams WHERE "Id" = $1'
GIVE = contributors.GIVE.replace("account_key, ", "team_key, ", 1)
TAKE = "DELETE FROM portal_access WHERE marketplace_id = $1 AND team_key = $2 RETURNING accepted"
INVITED = """
SELECT g.key FROM portal_access g JOIN portal_organizations o ON o.marketplace_id = g.marketplace_id
WHERE o."Id" = $1 AND g.team_key = $2 AND NOT g.accepted FOR UPDATE OF g
"""


class TeamName(Wire):
    """A team, as those see it who are not in it."""

    Id: Text = column(read_only=True)
    Name: Text = column(read_only=True)


class TeamAccess(Wire):
    """A team's access to a marketplace; it holds once it is accepted."""

    Team: TeamName = column(read_only=True)
    Roles: list[Text] = column(read_only=True)
    IsAdmin: Bool = column(read_only=True)
    ImpersonateSeller: Bool = column(read_only=True)
    ImpersonateSupplier: Bool = column(read_only=True)
    ImpersonateBuyer: Bool = column(read_only=True)
    Accepted: Bool = column(read_only=True)


class TeamsInvitation(Invitation):
    """Access of a team of the account's that it has not answered yet."""

    Team: TeamName = column(read_only=True)


_assignments = PortalList(
    TeamAccess, ASSIGNMENTS, ListOptions(search=("Team.Id", "Team.Name"), sort=("Team.Id", "Team.Name"))
)
_ORG = ("Org.Id", "Org.Name")
_of_team = PortalList(Invitation, OF_TEAM, ListOptions(search=_ORG, sort=_ORG))
_invites = PortalList(TeamsInvitation, INVITES, ListOptions(search=_ORG, sort=_ORG))


@portal_operation(
    "ListTeamAssignments",
    "GET",
    TEAMS,
    summary="List the teams that were given access to a marketplace",
    lists=_assignments.options,
    returns=Returns(TeamAccess, page=True),
    errors=(NotFoundError,),
)
async def list_teams(call: Call) -> Reply:
    """Also those that have not accepted yet."""
    found = await access_of(call.db, call.account.key, organization_id(call))
    return await _assignments.page(call, {"marketplace_id": found.organization.marketplace_id})


@portal_operation(
    "SaveTeamAssignment",
    "PUT",
    f"{TEAMS}/{{teamID}}",
    summary="Give a team access to a marketplace, or change it",
    body=Body(AccessRequest),
    returns=Returns(TeamAccess),
    errors=(
        InvalidBodyError,
        ValidationError,
        NotFoundError,
        NotAdministratorError,
        TooManyContributorsError,
    ),
    unit=Unit.WRITE,
)
async def save_team(call: Call) -> Reply:
    """The first time it is an invitation. What is changed ends the tokens of before."""
    found = await administered(call.db, call.account.key, organization_id(call))
    values = checked_access(validate(AccessRequest, call.body, partial=False))
    team, marketplace_id = await _named_team(call), found.organization.marketplace_id
    await call.db.fetchval(BEFORE_CHANGES, marketplace_id)
    rights = (values["IsAdmin"], *(values[f"Impersonate{kind}"] for kind in ("Seller", "Supplier", "Buyer")))
    row = await call.db.fetchrow(GIVE, marketplace_id, team[0], values["Roles"], *rights, call.clock())
    assert row is not None
    if row["is_new"] and await call.db.fetchval(contributors.COUNT, marketplace_id) > contributors.MOST:
        raise TooManyContributorsError({"Most": contributors.MOST})
    if not row["is_new"]:
        await _end_tokens(call, marketplace_id, team[0])
    return Reply({"Team": {"Id": team[1], "Name": team[2]}, **values, "Accepted": row["accepted"]})


@portal_operation(
    "DeleteTeamAssignment",
    "DELETE",
    f"{TEAMS}/{{teamID}}",
    summary="Take a team's access to a marketplace",
    status=204,
    errors=(NotFoundError, NotAdministratorError),
    unit=Unit.WRITE,
)
async def delete_team(call: Call) -> Reply:
    """The tokens of its members end."""
    found = await administered(call.db, call.account.key, organization_id(call))
    team, marketplace_id = await _named_team(call), found.organization.marketplace_id
    await call.db.fetchval(BEFORE_CHANGES, marketplace_id)
    if await call.db.fetchrow(TAKE, marketplace_id, team[0]) is None:
        raise NotFoundError("TeamAssignment", team[1])
    await _end_tokens(call, marketplace_id, team[0])
    return Reply()


@portal_operation(
    "ListTeamOrganizations",
    "GET",
    f"{TEAM}/access",
    summary="List the marketplaces that a team was given access to",
    lists=_of_team.options,
    returns=Returns(Invitation, page=True),
    errors=(NotFoundError,),
)
async def list_organizations(call: Call) -> Reply:
    """Also those that it has not accepted yet."""
    team = await team_of(call)
    return await _of_team.page(call, {"team": team.key, "base_url": call.base_url})


@portal_operation(
    "ListOrganizationTeamInvites",
    "GET",
    "/me/orgteaminvites",
    summary="List the marketplaces that teams of the account are invited to",
    lists=_invites.options,
    returns=Returns(TeamsInvitation, page=True),
)
async def list_invites(call: Call) -> Reply:
    """Of those teams that the account owns or administers."""
    return await _invites.page(call, {"account": call.account.key, "base_url": call.base_url})


@portal_operation(
    "AcceptOrganizationTeamInvite",
    "POST",
    f"{TEAM}/orginvites/{{invitedID}}/accept",
    summary="Accept the invitation of a team to a marketplace",
    status=204,
    errors=(NotFoundError, NotTeamAdministratorError),
    unit=Unit.WRITE,
)
async def accept_invite(call: Call) -> Reply:
    """By the marketplace's ID."""
    await call.db.execute(contributors.ACCEPT, await _invited(call))
    return Reply()


@portal_operation(
    "DeclineOrganizationTeamInvite",
    "POST",
    f"{TEAM}/orginvites/{{invitedID}}/decline",
    summary="Decline the invitation of a team to a marketplace",
    status=204,
    errors=(NotFoundError, NotTeamAdministratorError),
    unit=Unit.WRITE,
)
async def decline_invite(call: Call) -> Reply:
    """Nobody is told."""
    await call.db.execute(contributors.DECLINE, await _invited(call))
    return Reply()


async def _named_team(call: Call) -> tuple[int, str, str]:
    """Key, ID and name of the team of the path, whoever is in it."""
    row = await call.db.fetchrow(FIND_TEAM, call.path["teamID"])
    if row is None:
        raise NotFoundError("Team", call.path["teamID"])
    return row["key"], row["id"], row["name"]


async def _invited(call: Call) -> int:
    team = await administered_team(call)
    key: int | None = await call.db.fetchval(INVITED, call.path["invitedID"], team.key)
    if key is None:
        raise NotFoundError("Invitation", call.path["invitedID"])
    return key


async def _end_tokens(call: Call, marketplace_id: int, team_key: int) -> None:
    unit = cast(Recording, call.connection).connection
    members = [row["account_key"] for row in await unit.fetch(EVERYBODY, team_key)]
    await default_users.end_tokens(unit, marketplace_id, members)
    await unit.execute(contributors.RAISE, marketplace_id)


OPERATIONS: tuple[Operation, ...] = (
    list_teams,
    save_team,
    delete_team,
    list_organizations,
    list_invites,
    accept_invite,
    decline_invite,
)

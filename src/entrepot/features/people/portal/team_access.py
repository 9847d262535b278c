"""Access of teams to a marketplace: given by who administers it, accepted by who administers the team (PORT-10, PORT-11)."""

from __future__ import annotations

from entrepot.declare.operation import Body, ListOptions, Operation, Reply, Returns, Unit
from entrepot.declare.types import Text
from entrepot.declare.wire import Wire, column
from entrepot.engine.call import Call
from entrepot.features.people.portal import grantees
from entrepot.features.people.portal.access import access_of, administered
from entrepot.features.people.portal.declaring import OF_MARKETPLACE, newer, organization_id, portal_operation
from entrepot.features.people.portal.grantees import GIVEN, TEAMS, AccessRequest, GivenAccess, Invitation
from entrepot.features.people.portal.invitations import answers, invited
from entrepot.features.people.portal.lists import PortalList
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

PATH = f"{OF_MARKETPLACE}/access/teams"
ASSIGNMENTS = f"""
SELECT {GIVEN}, json_build_object('Id', te."Id", 'Name', te."Name") AS "Team"
FROM portal_access g JOIN portal_teams te ON te.key = g.team_key WHERE g.marketplace_id = :marketplace_id
"""
_ORGANIZATIONS = f"""
SELECT json_build_object('Id', each."Id", 'Name', each."Name", 'CoreApiUrl', each."CoreApiUrl", 'Environment', each."Environment",
                         'Region', each."Region") AS "Org",
       each.roles AS "Roles", each."IsAdmin", false AS "IsOwner", each.accepted AS "Accepted"{{more}}
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


class TeamName(Wire):
    """A team, as those see it who are not in it."""

    Id: Text = column(read_only=True)
    Name: Text = column(read_only=True)


class TeamAccess(GivenAccess):
    """A team's access to a marketplace; it holds once it is accepted."""

    Team: TeamName = column(read_only=True)


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
    PATH,
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
    f"{PATH}/{{teamID}}",
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
    key, team = await _named_team(call)
    given, _ = await grantees.give(call, TEAMS, found.organization.marketplace_id, key)
    return Reply({**given, "Team": team})


@portal_operation(
    "DeleteTeamAssignment",
    "DELETE",
    f"{PATH}/{{teamID}}",
    summary="Take a team's access to a marketplace",
    status=204,
    errors=(NotFoundError, NotAdministratorError),
    unit=Unit.WRITE,
)
async def delete_team(call: Call) -> Reply:
    """The tokens of its members end."""
    found = await administered(call.db, call.account.key, organization_id(call))
    key, team = await _named_team(call)
    await grantees.take(call, TEAMS, found.organization.marketplace_id, key, team["Id"])
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


async def _named_team(call: Call) -> tuple[int, dict[str, str]]:
    """The key of the team of the path, and what is shown of it, whoever is in it. Raises NotFoundError."""
    row = await call.db.fetchrow(FIND_TEAM, call.path["teamID"])
    if row is None:
        raise NotFoundError("Team", call.path["teamID"])
    return row["key"], {"Id": row["id"], "Name": row["name"]}


async def _accept(call: Call) -> None:
    await call.db.execute(grantees.ACCEPT, await _invited(call))


async def _decline(call: Call) -> None:
    """Nobody is told."""
    await call.db.execute(grantees.DECLINE, await _invited(call))


async def _invited(call: Call) -> int:
    return await invited(call, TEAMS.invited, (await administered_team(call)).key)


OLD = (
    list_teams,
    save_team,
    delete_team,
    list_organizations,
    list_invites,
    *answers(
        "OrganizationTeamInvite",
        f"{TEAM}/orginvites",
        "the invitation of a team to a marketplace",
        _accept,
        _decline,
        errors=(NotTeamAdministratorError,),
    ),
)
OPERATIONS: tuple[Operation, ...] = (*OLD, *map(newer, OLD))

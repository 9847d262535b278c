"""Members of teams: invited, accepted, made administrators, removed (PORT-11). What a team was given ends for whoever leaves it."""

from __future__ import annotations

from entrepot.declare.operation import Body, ListOptions, Operation, Reply, Returns, Unit
from entrepot.declare.types import Bool, Text
from entrepot.declare.wire import Wire, column
from entrepot.engine.call import Call
from entrepot.engine.wire.models import validate
from entrepot.features.people.portal.access import end_tokens, unit_of_server
from entrepot.features.people.portal.accounts import named
from entrepot.features.people.portal.declaring import newer, portal_operation
from entrepot.features.people.portal.grantees import TEAMS
from entrepot.features.people.portal.invitations import answers, invited, tell_invited
from entrepot.features.people.portal.lists import PortalList
from entrepot.features.people.portal.marketplaces import PortalOwner
from entrepot.features.people.portal.teams import LOCK, TEAM, administered_team, owned_team, team_of
from entrepot.kernel.errors import (
    InvalidBodyError,
    NotFoundError,
    NotOwnerError,
    NotTeamAdministratorError,
    TeamOwnerLeavesError,
    TooManyMembersError,
    ValidationError,
)

MOST = 200
"""Members of one team, with those who are invited."""
MEMBERS = """
SELECT json_build_object('Username', a."Username", 'Name', a."Name", 'Email', CASE WHEN m.accepted THEN a."Email" END) AS "User",
       m."IsAdmin", m.accepted AS "Accepted"
FROM portal_team_members m JOIN portal_accounts a ON a.key = m.account_key WHERE m.team_key = :team
"""
INVITES = """
SELECT te."Id"::text AS "Id", te."Name", json_build_object('Username', a."Username", 'Name', a."Name", 'Email', NULL) AS "Owner"
FROM portal_team_members m JOIN portal_teams te ON te.key = m.team_key JOIN portal_accounts a ON a.key = te.owner_key
WHERE m.account_key = :account AND NOT m.accepted
"""
COUNT = "SELECT count(*) FROM portal_team_members WHERE team_key = $1"
INVITE = """
INSERT INTO portal_team_members (team_key, account_key, accepted, invited_at) VALUES ($1, $2, false, $3)
ON CONFLICT (team_key, account_key) DO NOTHING RETURNING 1
"""
CHANGE = """
UPDATE portal_team_members SET "IsAdmin" = $3 WHERE team_key = $1 AND account_key = $2 RETURNING accepted
"""
REMOVE = "DELETE FROM portal_team_members WHERE team_key = $1 AND account_key = $2 RETURNING accepted"
INVITED = """
SELECT m.team_key FROM portal_team_members m JOIN portal_teams te ON te.key = m.team_key
WHERE te."Id" = $1 AND m.account_key = $2 AND NOT m.accepted FOR UPDATE OF m
"""
ACCEPT = "UPDATE portal_team_members SET accepted = true WHERE team_key = $1 AND account_key = $2"
# Held as by `access.BEFORE_CHANGES`.
MARKETPLACES = """
SELECT o.marketplace_id FROM portal_organizations o JOIN portal_access g ON g.marketplace_id = o.marketplace_id
WHERE g.team_key = $1 AND g.accepted ORDER BY o.marketplace_id FOR UPDATE OF o
"""
DELETE = "DELETE FROM portal_teams WHERE key = $1"


class TeamMember(Wire):
    """An account in a team. IsAdmin: whether it may invite and remove others."""

    User: PortalOwner = column(read_only=True)
    IsAdmin: Bool = column()
    Accepted: Bool = column(read_only=True)


class InvitedName(Wire):
    """Whom to invite."""

    Username: Text = column(required=True, max=100)


class TeamInvitation(Wire):
    """A team that the account is invited to."""

    Id: Text = column(read_only=True)
    Name: Text = column(read_only=True)
    Owner: PortalOwner = column(read_only=True)


_SORTS = ("User.Username", "User.Name", "User.Email")
_members = PortalList(TeamMember, MEMBERS, ListOptions(search=_SORTS, sort=_SORTS))
_one_member = PortalList(
    TeamMember, f'{MEMBERS} AND a."Username" = CAST(:username AS citext)', ListOptions(sort=_SORTS)
)
_invites = PortalList(TeamInvitation, INVITES, ListOptions(search=("Id", "Name"), sort=("Id", "Name")))
MEMBER = f"{TEAM}/members/{{username}}"


@portal_operation(
    "ListTeamMembers",
    "GET",
    f"{TEAM}/members",
    summary="List the members of a team",
    lists=_members.options,
    returns=Returns(TeamMember, page=True),
    errors=(NotFoundError,),
)
async def list_members(call: Call) -> Reply:
    """Also those who have not accepted yet, without their addresses."""
    return await _members.page(call, {"team": (await team_of(call)).key})


@portal_operation(
    "GetTeamMember",
    "GET",
    MEMBER,
    summary="Get a member of a team",
    returns=Returns(TeamMember),
    errors=(NotFoundError,),
)
async def get_member(call: Call) -> Reply:
    """By username."""
    return Reply(await _member(call, (await team_of(call)).key))


@portal_operation(
    "InviteTeamMember",
    "POST",
    f"{TEAM}/members",
    summary="Invite an account to a team",
    status=201,
    body=Body(InvitedName),
    returns=Returns(TeamMember),
    errors=(InvalidBodyError, ValidationError, NotFoundError, NotTeamAdministratorError, TooManyMembersError),
    unit=Unit.WRITE,
)
async def invite_member(call: Call) -> Reply:
    """Of which a mail tells. Who is a member, or invited, stays as it is."""
    team = await administered_team(call)
    person = await named(call.db, validate(InvitedName, call.body, partial=False)["Username"])
    await call.db.fetchval(LOCK, team.key)
    if await call.db.fetchval(INVITE, team.key, person.key, call.clock()):
        if await call.db.fetchval(COUNT, team.key) > MOST:
            raise TooManyMembersError({"Most": MOST})
        await tell_invited(call, person, f"the team {team.name}")
    return Reply(await _member(call, team.key, person.username))


@portal_operation(
    "SaveTeamMember",
    "PUT",
    MEMBER,
    summary="Change what a member may do in a team",
    body=Body(TeamMember),
    returns=Returns(TeamMember),
    errors=(InvalidBodyError, ValidationError, NotFoundError, NotTeamAdministratorError),
    unit=Unit.WRITE,
)
async def save_member(call: Call) -> Reply:
    """The owner is an administrator whatever is said."""
    team = await administered_team(call)
    values = validate(TeamMember, call.body, partial=False)
    person = await named(call.db, call.path["username"])
    if await call.db.fetchrow(CHANGE, team.key, person.key, values["IsAdmin"]) is None:
        raise NotFoundError("TeamMember", person.username)
    return Reply(await _member(call, team.key))


@portal_operation(
    "DeleteTeamMember",
    "DELETE",
    MEMBER,
    summary="Remove a member from a team",
    status=204,
    errors=(NotFoundError, NotTeamAdministratorError, TeamOwnerLeavesError),
    unit=Unit.WRITE,
)
async def delete_member(call: Call) -> Reply:
    """Members may leave by themselves, but for the owner."""
    team = await team_of(call, held=True)
    person = await named(call.db, call.path["username"])
    if person.key != call.account.key and not team.is_admin:
        raise NotTeamAdministratorError
    if person.key == team.owner:
        raise TeamOwnerLeavesError
    if await call.db.fetchrow(REMOVE, team.key, person.key) is None:
        raise NotFoundError("TeamMember", person.username)
    await end_tokens_of_team(call, team.key, [person.key])
    return Reply()


@portal_operation(
    "DeleteTeam",
    "DELETE",
    TEAM,
    summary="Delete a team",
    status=204,
    errors=(NotFoundError, NotOwnerError),
    unit=Unit.WRITE,
)
async def delete_team(call: Call) -> Reply:
    """With what it was given."""
    team = await owned_team(call)
    await end_tokens_of_team(call, team.key)
    await call.db.execute(DELETE, team.key)
    return Reply()


@portal_operation(
    "ListTeamInvites",
    "GET",
    "/me/teaminvites",
    summary="List the teams that the account is invited to",
    lists=_invites.options,
    returns=Returns(TeamInvitation, page=True),
)
async def list_invites(call: Call) -> Reply:
    """What was accepted is among the account's teams."""
    return await _invites.page(call, {"account": call.account.key})


async def end_tokens_of_team(call: Call, team_key: int, account_keys: list[int] | None = None) -> None:
    """In all marketplaces that the team was given access to; by default those of all members."""
    unit = unit_of_server(call)
    marketplaces = await unit.fetch(MARKETPLACES, team_key)
    if account_keys is None:
        account_keys = [row["account_key"] for row in await unit.fetch(TEAMS.accounts, team_key)]
    for row in marketplaces:
        await end_tokens(unit, row["marketplace_id"], account_keys)


async def _member(call: Call, team_key: int, username: str | None = None) -> dict[str, object]:
    sought = username or (await named(call.db, call.path["username"])).username
    page = await _one_member.page(call, {"team": team_key, "username": sought})
    found: list[dict[str, object]] = page.body["Items"]
    if not found:
        raise NotFoundError("TeamMember", sought)
    return found[0]


async def _accept(call: Call) -> None:
    await call.db.execute(ACCEPT, await _invited(call), call.account.key)


async def _decline(call: Call) -> None:
    """Nobody is told."""
    await call.db.execute(REMOVE, await _invited(call), call.account.key)


async def _invited(call: Call) -> int:
    return await invited(call, INVITED, call.account.key)


OLD = (
    list_members,
    get_member,
    invite_member,
    save_member,
    delete_member,
    delete_team,
    list_invites,
    *answers("TeamInvite", "/me/teaminvites", "an invitation to a team", _accept, _decline),
)
OPERATIONS: tuple[Operation, ...] = (*OLD, *map(newer, OLD))

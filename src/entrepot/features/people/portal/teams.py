"""Teams: accounts that get access together (PORT-11). A team's owner and its administrators invite members; members may leave."""

from __future__ import annotations

from dataclasses import dataclass

from entrepot.declare.operation import Body, ListOptions, Operation, Reply, Returns, Unit
from entrepot.declare.types import Bool, Text
from entrepot.declare.wire import Wire, column
from entrepot.engine.call import Call
from entrepot.engine.wire.models import validate
from entrepot.features.people.portal.accounts import named
from entrepot.features.people.portal.declaring import newer, portal_operation
from entrepot.features.people.portal.lists import PortalList
from entrepot.features.people.portal.marketplaces import PortalOwner
from entrepot.kernel.errors import (
    IdExistsError,
    InvalidBodyError,
    NotFoundError,
    NotMemberError,
    NotOwnerError,
    NotTeamAdministratorError,
    PropertyError,
    TooManyTeamsError,
    ValidationError,
)
from entrepot.kernel.ids import is_id

MOST = 100
"""Teams that one account owns."""
TEAM = "/teams/{teamID}"
_SHOWN = """te."Id"::text AS "Id", te."Name", te."ExcludeFromSearch",
       json_build_object('Username', a."Username", 'Name', a."Name", 'Email', NULL) AS "Owner\""""
_ROWS = f"SELECT {_SHOWN} FROM portal_teams te JOIN portal_accounts a ON a.key = te.owner_key"
OWN = f"""{_ROWS}
WHERE EXISTS (SELECT 1 FROM portal_team_members m WHERE m.team_key = te.key AND m.account_key = :account AND m.accepted)"""
PUBLIC = f'{_ROWS} WHERE NOT te."ExcludeFromSearch"'
FIND = """
SELECT te.key, te."Id" AS id, te."Name" AS name, te."ExcludeFromSearch" AS hidden, te.owner_key AS owner,
       m."IsAdmin" OR te.owner_key = $2 AS is_admin
FROM portal_teams te JOIN portal_team_members m ON m.team_key = te.key AND m.account_key = $2 AND m.accepted
WHERE te."Id" = $1
"""
LOCK = "SELECT 1 FROM portal_teams WHERE key = $1 FOR UPDATE"
EXISTS = 'SELECT 1 FROM portal_teams WHERE "Id" = $1'
OWNED = "SELECT count(*) FROM portal_teams WHERE owner_key = $1"
MAKE = """
INSERT INTO portal_teams ("Id", "Name", "ExcludeFromSearch", owner_key, created_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT ("Id") DO NOTHING RETURNING key
"""
JOIN = """
INSERT INTO portal_team_members (team_key, account_key, "IsAdmin", accepted, invited_at) VALUES ($1, $2, true, true, $3)
"""
CHANGE = 'UPDATE portal_teams SET "Name" = $2, "ExcludeFromSearch" = $3 WHERE key = $1'
IS_MEMBER = (
    "SELECT 1 FROM portal_team_members WHERE team_key = $1 AND account_key = $2 AND accepted FOR UPDATE"
)
GIVE = "UPDATE portal_teams SET owner_key = $2 WHERE key = $1 AND owner_key = $3 RETURNING key"


class PortalTeam(Wire):
    """Accounts that get access together."""

    Id: Text = column(max=100)
    Name: Text = column(required=True, max=100)
    ExcludeFromSearch: Bool = column()
    Owner: PortalOwner = column(read_only=True)


class TeamTransfer(Wire):
    """The member who becomes the owner."""

    Username: Text = column(required=True, max=100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """A team, as one of its members has it. `key` and `owner` are internal keys."""

    key: int
    id: str
    name: str
    hidden: bool
    owner: int
    is_admin: bool


_SORTS = ("Id", "Name", "Owner.Username", "Owner.Name")
_own = PortalList(PortalTeam, OWN, ListOptions(search=_SORTS, sort=_SORTS))
_public = PortalList(PortalTeam, PUBLIC, ListOptions(search=("Id", "Name"), sort=("Id", "Name")))


@portal_operation(
    "ListTeams",
    "GET",
    "/teams",
    summary="List the teams that the account is in",
    lists=_own.options,
    returns=Returns(PortalTeam, page=True),
)
async def list_teams(call: Call) -> Reply:
    """Also those that it owns."""
    return await _own.page(call, {"account": call.account.key})


@portal_operation(
    "SearchTeams",
    "GET",
    "/teams/globalsearch",
    summary="Look for teams",
    lists=_public.options,
    returns=Returns(PortalTeam, page=True),
)
async def search_teams(call: Call) -> Reply:
    """All but those that are excluded from it."""
    return await _public.page(call, {})


@portal_operation(
    "GetTeam",
    "GET",
    TEAM,
    summary="Get a team",
    returns=Returns(PortalTeam),
    errors=(NotFoundError,),
)
async def get_team(call: Call) -> Reply:
    """One of the account's."""
    return await _shown(call, await team_of(call))


@portal_operation(
    "SaveTeam",
    "PUT",
    TEAM,
    summary="Make a team, or change one",
    body=Body(PortalTeam),
    returns=Returns(PortalTeam),
    errors=(
        InvalidBodyError,
        ValidationError,
        NotTeamAdministratorError,
        IdExistsError,
        TooManyTeamsError,
    ),
    unit=Unit.WRITE,
)
async def save_team(call: Call) -> Reply:
    """Whoever makes it owns it, and is its first member."""
    values, team_id = validate(PortalTeam, call.body, partial=False), call.path["teamID"]
    if not is_id(team_id) or (values["Id"] or team_id).lower() != team_id.lower():
        message = "Id is that of the path, of letters, digits, hyphens and underscores, 100 at most."
        raise ValidationError(PropertyError(message, {"Property": "Id"}))
    try:
        known = await administered_team(call)
    except NotFoundError:
        await _make(call, team_id, values["Name"], values["ExcludeFromSearch"])
        reply = await _shown(call, await team_of(call))
        return Reply(reply.body, status=201)
    await call.db.execute(CHANGE, known.key, values["Name"], values["ExcludeFromSearch"])
    return await _shown(call, await team_of(call))


@portal_operation(
    "TransferTeam",
    "POST",
    f"{TEAM}/transfer",
    summary="Give a team to one of its members",
    status=204,
    body=Body(TeamTransfer),
    errors=(InvalidBodyError, ValidationError, NotFoundError, NotOwnerError, NotMemberError),
    unit=Unit.WRITE,
)
async def transfer_team(call: Call) -> Reply:
    """Who had it stays a member, and an administrator."""
    team = await owned_team(call)
    new = await named(call.db, validate(TeamTransfer, call.body, partial=False)["Username"])
    if await call.db.fetchval(IS_MEMBER, team.key, new.key) is None:
        raise NotMemberError
    if await call.db.fetchval(GIVE, team.key, new.key, call.account.key) is None:
        raise NotOwnerError
    return Reply()


async def team_of(call: Call, *, held: bool = False) -> Team:
    """The team of the path. Raises NotFoundError for one that the account is not in, as for none. One statement; held: as it is once
    nobody else changes it, in three.
    """
    team_id = call.path["teamID"]
    row = await call.db.fetchrow(FIND, team_id, call.account.key)
    if row is not None and held:
        await call.db.fetchval(LOCK, row["key"])
        row = await call.db.fetchrow(FIND, team_id, call.account.key)
    if row is None:
        raise NotFoundError("Team", team_id)
    return Team(**row)


async def administered_team(call: Call) -> Team:
    """The same for what only owner and administrators may. Raises NotTeamAdministratorError."""
    team = await team_of(call)
    if not team.is_admin:
        raise NotTeamAdministratorError
    return team


async def owned_team(call: Call) -> Team:
    """The same, held, for what only the owner may. Raises NotOwnerError."""
    team = await team_of(call, held=True)
    if team.owner != call.account.key:
        raise NotOwnerError
    return team


async def _make(call: Call, team_id: str, name: str, hidden: bool) -> None:
    owner = call.account.key
    if await call.db.fetchval(OWNED, owner) >= MOST:
        raise TooManyTeamsError({"Most": MOST})
    key = await call.db.fetchval(MAKE, team_id, name, hidden, owner, call.clock())
    if key is None:
        raise IdExistsError("Team", team_id)
    await call.db.execute(JOIN, key, owner, call.clock())


async def _shown(call: Call, team: Team) -> Reply:
    row = await call.db.fetchrow('SELECT "Username", "Name" FROM portal_accounts WHERE key = $1', team.owner)
    owner = None if row is None else {"Username": row["Username"], "Name": row["Name"], "Email": None}
    return Reply({"Id": team.id, "Name": team.name, "ExcludeFromSearch": team.hidden, "Owner": owner})


OLD = (list_teams, search_teams, get_team, save_team, transfer_team)
OPERATIONS: tuple[Operation, ...] = (*OLD, *map(newer, OLD))

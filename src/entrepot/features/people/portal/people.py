"""Accounts as others see them: by username and name, never by address (PORT-4)."""

from __future__ import annotations

from entrepot.declare.operation import ListOptions, Operation, Reply, Returns
from entrepot.declare.types import Text
from entrepot.declare.wire import Wire, column
from entrepot.engine.call import Call
from entrepot.features.people.portal.accounts import named
from entrepot.features.people.portal.declaring import newer, portal_operation
from entrepot.features.people.portal.lists import PortalList
from entrepot.kernel.errors import NotFoundError

PEOPLE = 'SELECT a."Username"::text AS "Username", a."Name" FROM portal_accounts a'


class PublicPerson(Wire):
    """An account, as whoever invites it sees it."""

    Username: Text = column(read_only=True)
    Name: Text = column(read_only=True)


_people = PortalList(
    PublicPerson, PEOPLE, ListOptions(search=("Username", "Name"), sort=("Username", "Name"))
)


@portal_operation(
    "ListPortalUsers",
    "GET",
    "/portalusers",
    summary="Look for accounts",
    lists=_people.options,
    returns=Returns(PublicPerson, page=True),
)
async def list_people(call: Call) -> Reply:
    """One statement."""
    return await _people.page(call, {})


@portal_operation(
    "GetPortalUser",
    "GET",
    "/portalusers/{username}",
    summary="Get an account by its username",
    returns=Returns(PublicPerson),
    errors=(NotFoundError,),
)
async def get_person(call: Call) -> Reply:
    """One statement."""
    person = await named(call.db, call.path["username"])
    return Reply({"Username": person.username, "Name": person.name})


OLD = (list_people, get_person)
OPERATIONS: tuple[Operation, ...] = (*OLD, *map(newer, OLD))

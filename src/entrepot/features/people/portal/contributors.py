"""Who looks after a marketplace with its owner: all that accounts were given, by themselves or in teams (PORT-10)."""

from __future__ import annotations

from entrepot.declare.operation import ListOptions, Operation, Reply, Returns
from entrepot.declare.types import Bool, Text
from entrepot.declare.wire import Wire, column
from entrepot.engine.call import Call
from entrepot.features.people.portal.access import access_of
from entrepot.features.people.portal.accounts import named
from entrepot.features.people.portal.declaring import OF_MARKETPLACE, newer, organization_id, portal_operation
from entrepot.features.people.portal.lists import PortalList
from entrepot.features.people.portal.marketplaces import PortalOwner
from entrepot.kernel.errors import NotFoundError

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


class Contributor(Wire):
    """Somebody who looks after a marketplace with its owner: all that was given to the account, by itself or in teams."""

    IsAdmin: Bool = column(read_only=True)
    ImpersonateSeller: Bool = column(read_only=True)
    ImpersonateSupplier: Bool = column(read_only=True)
    ImpersonateBuyer: Bool = column(read_only=True)
    InheritedRoles: list[Text] = column(read_only=True)
    User: PortalOwner = column(read_only=True)


_SORTS = ("User.Username", "User.Name", "User.Email")
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


OLD = (list_contributors, get_contributor)
OPERATIONS: tuple[Operation, ...] = (*OLD, *map(newer, OLD))

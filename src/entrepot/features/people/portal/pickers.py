"""API clients of a marketplace, and the users that one of them admits: what the console picks a context from (CON-1)."""

from __future__ import annotations

from entrepot.declare.operation import ListOptions, Operation, Reply, Returns
from entrepot.declare.types import Bool, Int, Text
from entrepot.declare.wire import Wire, column
from entrepot.engine.call import Call
from entrepot.features.people.oauth.grant_client import GUID
from entrepot.features.people.portal.access import access_of
from entrepot.features.people.portal.declaring import OF_MARKETPLACE, newer, organization_id, portal_operation
from entrepot.features.people.portal.lists import PortalList
from entrepot.kernel.errors import NotFoundError, ValidationError
from entrepot.kernel.user_types import UserType


class PortalApiClient(Wire):
    """An API client, without its secret."""

    Id: Text = column(read_only=True)
    AppName: Text = column(read_only=True)
    Active: Bool = column(read_only=True)
    AllowAnyBuyer: Bool = column(read_only=True)
    AllowAnySupplier: Bool = column(read_only=True)
    AllowSeller: Bool = column(read_only=True)
    IsAnonBuyer: Bool = column(read_only=True)
    AssignedBuyerCount: Int = column(read_only=True)
    AssignedSupplierCount: Int = column(read_only=True)
    AssignedWebhookCount: Int = column(read_only=True)


class PortalCoreUser(Wire):
    """A user of the marketplace. CommerceRole: Seller, Buyer or Supplier."""

    Username: Text = column(read_only=True)
    UserId: Text = column(read_only=True)
    FirstName: Text = column(read_only=True)
    LastName: Text = column(read_only=True)
    Email: Text = column(read_only=True)
    CommerceRole: Text = column(read_only=True)
    CompanyId: Text = column(read_only=True)
    CompanyName: Text = column(read_only=True)
    UserActive: Bool = column(read_only=True)


CLIENTS = """
SELECT c."ID"::text AS "Id", c."AppName", c."Active", c."AllowAnyBuyer", c."AllowAnySupplier", c."AllowSeller", c."IsAnonBuyer",
       (SELECT count(*)::int FROM api_client_assignments a WHERE a.marketplace_id = :marketplace_id
        AND a."ApiClientID" = c."ID" AND a."BuyerID" IS NOT NULL) AS "AssignedBuyerCount",
       (SELECT count(*)::int FROM api_client_assignments a WHERE a.marketplace_id = :marketplace_id
        AND a."ApiClientID" = c."ID" AND a."SupplierID" IS NOT NULL) AS "AssignedSupplierCount",
       (SELECT count(*)::int FROM webhooks w WHERE w.marketplace_id = :marketplace_id
        AND c."ID"::text = ANY (w."ApiClientIDs")) AS "AssignedWebhookCount"
FROM api_clients c WHERE c.marketplace_id = :marketplace_id
"""
USERS = """
SELECT u."Username", u."ID"::text AS "UserId", u."FirstName", u."LastName", u."Email",
       CASE WHEN u."BuyerID" IS NOT NULL THEN 'Buyer' WHEN u."SupplierID" IS NOT NULL THEN 'Supplier' ELSE 'Seller' END
       AS "CommerceRole", coalesce(u."BuyerID", u."SupplierID", m."ID")::text AS "CompanyId",
       coalesce(b."Name", s."Name", m."Name") AS "CompanyName", u."Active" AS "UserActive"
FROM users u
JOIN marketplaces m ON m.marketplace_id = :marketplace_id
JOIN api_clients c ON c.marketplace_id = :marketplace_id AND c."ID" = CAST(:client AS citext)
LEFT JOIN buyers b ON b.marketplace_id = :marketplace_id AND b."ID" = u."BuyerID"
LEFT JOIN suppliers s ON s.marketplace_id = :marketplace_id AND s."ID" = u."SupplierID"
WHERE u.marketplace_id = :marketplace_id AND CASE
    WHEN u."BuyerID" IS NOT NULL THEN c."AllowAnyBuyer" OR EXISTS (
        SELECT 1 FROM api_client_assignments a WHERE a.marketplace_id = :marketplace_id
        AND a."ApiClientID" = c."ID" AND a."BuyerID" = u."BuyerID")
    WHEN u."SupplierID" IS NOT NULL THEN c."AllowAnySupplier" OR EXISTS (
        SELECT 1 FROM api_client_assignments a WHERE a.marketplace_id = :marketplace_id
        AND a."ApiClientID" = c."ID" AND a."SupplierID" = u."SupplierID")
    ELSE c."AllowSeller" END
AND CASE WHEN u."BuyerID" IS NOT NULL THEN CAST(:buyers AS boolean)
    WHEN u."SupplierID" IS NOT NULL THEN CAST(:suppliers AS boolean) ELSE CAST(:sellers AS boolean) END
"""
CLIENT = 'SELECT 1 FROM api_clients WHERE marketplace_id = $1 AND "ID" = $2'
_clients = PortalList(PortalApiClient, CLIENTS, ListOptions(search=("AppName", "Id"), sort=("AppName", "Id")))
_users = PortalList(
    PortalCoreUser,
    USERS,
    ListOptions(
        search=("Username", "UserId", "FirstName", "LastName", "Email", "CompanyName"),
        sort=("Username", "LastName", "FirstName", "Email", "CompanyId"),
    ),
)


@portal_operation(
    "ListApiClients",
    "GET",
    f"{OF_MARKETPLACE}/apiclients",
    summary="List the API clients of a marketplace",
    lists=_clients.options,
    returns=Returns(PortalApiClient, page=True),
    errors=(NotFoundError, ValidationError),
)
async def list_clients(call: Call) -> Reply:
    """Active or not."""
    access = await access_of(call.db, call.account.key, organization_id(call))
    return await _clients.page(call, {"marketplace_id": access.organization.marketplace_id})


@portal_operation(
    "ListApiClientUsers",
    "GET",
    f"{OF_MARKETPLACE}/apiclients/{{apiClientID}}/users",
    summary="List the users that an API client admits",
    lists=_users.options,
    returns=Returns(PortalCoreUser, page=True),
    errors=(NotFoundError, ValidationError),
)
async def list_users(call: Call) -> Reply:
    """As AUTH-40 has it, active or not; of them those as whom the account may act."""
    access = await access_of(call.db, call.account.key, organization_id(call))
    marketplace_id, client = access.organization.marketplace_id, call.path["apiClientID"]
    if not GUID.fullmatch(client) or not await call.db.fetchval(CLIENT, marketplace_id, client):
        raise NotFoundError("ApiClient", client)
    may = {f"{kind.name.lower()}s": kind in access.impersonates for kind in UserType}
    return await _users.page(call, {"marketplace_id": marketplace_id, "client": client, **may})


OPERATIONS: tuple[Operation, ...] = (
    list_clients,
    list_users,
    newer(list_clients, "/ApiClients"),
    newer(list_users, "/ApiClients/{apiClientID}/users"),
)

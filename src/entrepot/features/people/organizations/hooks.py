"""Rules of buyers, suppliers and groups beyond the uniform verbs."""

from __future__ import annotations

from typing import Any

from entrepot.declare.resource import Hooks
from entrepot.domain.orders.approvals import UNANSWERED
from entrepot.domain.orders.status import DECIDABLE
from entrepot.engine.call import Call
from entrepot.engine.statements import texts
from entrepot.features.people import holdings
from entrepot.features.people.organizations.companies import (
    BUYER_IN_USE,
    SUPPLIER_IN_USE,
    prepare_deletion,
    refuse_ids_of_sellers,
)
from entrepot.features.people.organizations.default_catalogs import (
    assign_default_catalog,
    create_default_catalog,
    require_assigned,
)
from entrepot.features.people.services import services
from entrepot.kernel.errors import (
    DeleteApprovingGroupError,
    DeleteInventoryAddressError,
    ImpersonatedPartyError,
)
from entrepot.kernel.user_types import UserType

Values = dict[str, Any]

LOCK_GROUP = "SELECT 1 FROM user_groups WHERE marketplace_id = $1 AND key = $2 FOR UPDATE"
GROUP_APPROVES = f"""
SELECT EXISTS (SELECT 1 FROM approval_rules WHERE marketplace_id = $1 AND approving_group_key = $2)
    OR EXISTS (SELECT 1 FROM seller_approval_rules WHERE marketplace_id = $1 AND approving_group_key = $2)
    OR EXISTS (SELECT 1 FROM order_approvals a
               JOIN orders o ON o.marketplace_id = $1 AND o.key = a.order_key
               WHERE a.marketplace_id = $1 AND a.group_key = $2 AND a."Status" IN ({texts(UNANSWERED)})
                 AND o."Status" IN ({texts(DECIDABLE)}))
"""
GROUP_IMPERSONATES = """
SELECT EXISTS (SELECT 1 FROM impersonation_configs
               WHERE marketplace_id = $1 AND (group_key = $2 OR impersonation_group_key = $2))
"""


KEEPS_STOCK = """
SELECT EXISTS (SELECT 1 FROM addresses a
               JOIN inventory_records r ON r.marketplace_id = $1 AND r.address_key = a.key
               WHERE a.marketplace_id = $1 AND a."SupplierID" = $2)
"""
"""A supplier's addresses go with it; those of inventory records do not (ADR-4; for the supplier inferred)."""


END_MEMBERSHIPS = """
DELETE FROM user_group_members WHERE marketplace_id = $1 AND group_key = $2
RETURNING user_key AS changed_user
"""
DELETE_ORDERS = 'DELETE FROM orders WHERE marketplace_id = $1 AND "FromCompanyID" = $2 AND NOT from_seller'
"""BUY-5: whatever became of them, a buyer's orders go with it."""


class BuyerHooks(Hooks):
    """Default catalogs (BUY-1 to BUY-3) and the standing of a buyer's users (BUY-4).

    A buyer's own users change neither its group nor what catalogs it has: those decide what it sees. What they send as
    GroupID is ignored, as SUP-1 has it of suppliers (inferred).
    """

    async def check_write(self, call: Call, old: Values | None, new: Values) -> None:
        refuse_ids_of_sellers(call, "Buyer", new["ID"])
        if old is not None and call.principal.user_type is not UserType.SELLER:
            new["GroupID"] = old["GroupID"]
            if new["DefaultCatalogID"] and new["DefaultCatalogID"] != old["DefaultCatalogID"]:
                await require_assigned(call, new["DefaultCatalogID"], old)
        if new["DefaultCatalogID"]:
            return
        if old is None:
            new["DefaultCatalogID"] = await create_default_catalog(call, new)
        elif call.operation.verb == "PUT":
            # Leaving it out is no wish to lose it (BUY-3); PATCH can clear it.
            new["DefaultCatalogID"] = old["DefaultCatalogID"]

    async def after_write(self, call: Call, old: Values | None, new: Values) -> None:
        catalog = new["DefaultCatalogID"]
        if catalog and (old is None or catalog != old["DefaultCatalogID"]):
            await assign_default_catalog(call, new)

    async def check_delete(self, call: Call, old: Values) -> None:
        await prepare_deletion(call, old["ID"], BUYER_IN_USE)
        await call.db.execute(DELETE_ORDERS, call.marketplace_id, old["ID"])


class SupplierHooks(Hooks):
    """The standing of a supplier's users (BUY-4) and who may open it to all buyers (SUP-1)."""

    async def check_write(self, call: Call, old: Values | None, new: Values) -> None:
        if call.principal.user_type is not UserType.SELLER:
            new["AllBuyersCanOrder"] = old is not None and old["AllBuyersCanOrder"]
        refuse_ids_of_sellers(call, "Supplier", new["ID"])

    async def check_delete(self, call: Call, old: Values) -> None:
        if await call.db.fetchval(KEEPS_STOCK, call.marketplace_id, old["ID"]):
            raise DeleteInventoryAddressError
        await prepare_deletion(call, old["ID"], SUPPLIER_IN_USE)
        for ends in services(call).supplier_ends:
            await ends(call, old["ID"])


class UserGroupHooks(Hooks):
    """Refusals to delete a group that rules rely on (USR-6); what its members had of it (AUTH-17, LOC-3)."""

    async def lock_first(self, call: Call) -> None:
        if call.operation.verb == "DELETE":
            await holdings.lock(call.db, call.marketplace_id)

    async def check_delete(self, call: Call, old: Values) -> None:
        # A rule that is about to name the group has either done so by now, or finds it gone.
        await call.db.execute(LOCK_GROUP, call.marketplace_id, old["key"])
        if await call.db.fetchval(GROUP_APPROVES, call.marketplace_id, old["key"]):
            raise DeleteApprovingGroupError
        if await call.db.fetchval(GROUP_IMPERSONATES, call.marketplace_id, old["key"]):
            raise ImpersonatedPartyError
        members = await call.db.fetch(END_MEMBERSHIPS, call.marketplace_id, old["key"])
        users = (row["changed_user"] for row in members)
        await holdings.refresh(call.db, call.marketplace_id, users=users)

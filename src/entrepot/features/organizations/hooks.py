"""Rules of buyers, suppliers and groups beyond the uniform verbs."""

from __future__ import annotations

from typing import Any

from entrepot.declare.resource import Hooks
from entrepot.engine.call import Call
from entrepot.features.organizations.companies import (
    BUYER_IN_USE,
    SUPPLIER_IN_USE,
    follow_standing,
    prepare_deletion,
)
from entrepot.features.organizations.default_catalogs import assign_default_catalog, create_default_catalog
from entrepot.kernel.errors import IdExistsError, ImpersonatedPartyError
from entrepot.kernel.user_types import UserType

Values = dict[str, Any]

GROUP_IMPERSONATES = """
SELECT EXISTS (SELECT 1 FROM impersonation_configs
               WHERE marketplace_id = $1 AND (group_key = $2 OR impersonation_group_key = $2))
"""


class BuyerHooks(Hooks):
    """Default catalogs (BUY-1 to BUY-3) and the standing of a buyer's users (BUY-4)."""

    async def check_write(self, call: Call, old: Values | None, new: Values) -> None:
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
        await follow_standing(call, old, new)

    async def check_delete(self, call: Call, old: Values) -> None:
        await prepare_deletion(call, old["ID"], BUYER_IN_USE)


class SupplierHooks(Hooks):
    """The standing of a supplier's users (BUY-4) and who may open it to all buyers (SUP-1)."""

    async def check_write(self, call: Call, old: Values | None, new: Values) -> None:
        if call.principal.user_type is not UserType.SELLER:
            new["AllBuyersCanOrder"] = old is not None and old["AllBuyersCanOrder"]
        # The seller and the suppliers share one namespace: OwnerID and ToCompanyID name either (ORG-1).
        if new["ID"].lower() == call.principal.marketplace.lower():
            raise IdExistsError("Supplier", new["ID"])

    async def after_write(self, call: Call, old: Values | None, new: Values) -> None:
        await follow_standing(call, old, new)

    async def check_delete(self, call: Call, old: Values) -> None:
        await prepare_deletion(call, old["ID"], SUPPLIER_IN_USE)


class UserGroupHooks(Hooks):
    """Refusals to delete a group that rules rely on (USR-6)."""

    async def check_delete(self, call: Call, old: Values) -> None:
        if await call.db.fetchval(GROUP_IMPERSONATES, call.marketplace_id, old["key"]):
            raise ImpersonatedPartyError

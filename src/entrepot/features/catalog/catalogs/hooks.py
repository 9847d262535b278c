"""Rules of catalogs and their assignments (catalog spec section 5)."""

from __future__ import annotations

from typing import Any

from entrepot.declare.assignment import AssignmentHooks
from entrepot.engine.call import Call
from entrepot.features.people.organizations.serving import serves
from entrepot.features.people.ownership import OwnedHooks
from entrepot.kernel.errors import (
    CatalogEditError,
    DeleteDefaultCatalogError,
    NotFoundError,
    UserTypeError,
)
from entrepot.kernel.sql import Sql
from entrepot.kernel.user_types import UserType

Values = dict[str, Any]

OF_BUYER = """EXISTS (
    SELECT 1 FROM catalog_assignments a
    WHERE a.marketplace_id = :marketplace_id AND a."CatalogID" = t."ID"
      AND (a."BuyerID" = :company
           OR a."BuyerGroupID" = (SELECT b."GroupID" FROM buyers b
                                  WHERE b.marketplace_id = :marketplace_id AND b."ID" = :company)))"""
"""What a buyer's users see of catalogs (ORG-6), as Resource.visible has it."""
OWNER = 'SELECT c."OwnerID" FROM catalogs c WHERE c.marketplace_id = $1 AND c."ID" = $2'
DEFAULT_OF = """
SELECT "ID" FROM buyers WHERE marketplace_id = $1 AND "DefaultCatalogID" = $2 ORDER BY "ID"
"""
ALONE = Sql(f"""
SELECT NOT EXISTS (SELECT 1 FROM catalog_assignments o
                   WHERE o.marketplace_id = :marketplace_id AND o."CatalogID" = t."ID" AND o."BuyerID" IS DISTINCT FROM :company) AS alone
FROM catalogs t WHERE t.marketplace_id = :marketplace_id AND t."ID" = :catalog AND {OF_BUYER}
""").bound("marketplace_id", "catalog", "company")
"""Whether a catalog that a buyer sees is assigned to it and to nobody else, nor to a group."""
FLAGS = """
SELECT "ViewAllCategories", "ViewAllProducts" FROM catalog_assignments
WHERE marketplace_id = $1 AND "CatalogID" = $2 AND "BuyerID" = $3
"""
IS_RELATED = Sql(f"""
SELECT 1 FROM suppliers s
WHERE s.marketplace_id = :marketplace_id AND s."ID" = :supplier AND {serves("s", ":buyer")}
""").bound("marketplace_id", "supplier", "buyer")


class CatalogHooks(OwnedHooks):
    """Ownership (ORG-3 to ORG-6), and default catalogs that stay (CTG-1).

    A buyer changes what it has for itself alone, since all buyers of a catalog see the same one; and of that neither the
    ID, by which the seller knows it, nor whether it is active: what it says of the latter is ignored, as SUP-1 has it of
    suppliers (inferred).
    """

    async def check_write(self, call: Call, old: Values | None, new: Values) -> None:
        if call.principal.user_type is UserType.BUYER:
            if old is None:
                # A PUT on what does not exist, or not for this buyer, which changes catalogs but makes none.
                raise NotFoundError("Catalog", call.path["catalogID"])
            await require_catalog_of_its_own(call, old["ID"])
            if new["ID"] != old["ID"]:
                raise CatalogEditError
            new["Active"] = old["Active"]
        await super().check_write(call, old, new)

    async def check_delete(self, call: Call, old: Values) -> None:
        await super().check_delete(call, old)
        buyers = await call.db.fetch(DEFAULT_OF, call.marketplace_id, old["ID"])
        if buyers:
            raise DeleteDefaultCatalogError({"BuyerIDs": [row["ID"] for row in buyers]})


class CatalogAssignmentHooks(AssignmentHooks):
    """Who assigns which catalog to whom: the seller any, a supplier its own to buyers that may order from it (CTG-2),
    a buyer's users those of their buyer to it, which changes nothing (ORG-6).
    """

    async def check_write(self, call: Call, old: Values | None, new: Values) -> None:
        principal = call.principal
        if principal.user_type is UserType.SELLER:
            return
        if new["BuyerGroupID"]:
            raise UserTypeError
        if principal.supplier_id is not None:
            await require_own_catalog(call, new["CatalogID"])
            related = await call.db.fetchval(
                IS_RELATED, call.marketplace_id, principal.supplier_id, new["BuyerID"]
            )
            if related is None:
                raise UserTypeError
            return
        await require_catalog_of_its_own(call, new["CatalogID"])
        if new["BuyerID"].lower() != principal.company_id.lower():
            raise NotFoundError("Buyer", new["BuyerID"])
        # What it sees of the catalog is not for it to say.
        row = await call.db.fetchrow(FLAGS, call.marketplace_id, new["CatalogID"], new["BuyerID"])
        new |= dict(row or {})

    async def check_delete(self, call: Call, old: Values) -> None:
        if call.principal.user_type is UserType.BUYER:
            raise UserTypeError
        if call.principal.supplier_id is not None:
            await require_own_catalog(call, old["CatalogID"])


async def require_own_catalog(call: Call, catalog: str) -> None:
    """For a supplier: the seller's catalogs are refused, those of other suppliers do not exist (CONV-10)."""
    owner = (await call.db.fetchval(OWNER, call.marketplace_id, catalog) or "").lower()
    if owner == call.principal.company_id.lower():
        return
    if owner == call.principal.marketplace.lower():
        raise CatalogEditError
    raise NotFoundError("Catalog", catalog)


async def require_catalog_of_its_own(call: Call, catalog: str) -> None:
    """For a buyer: catalogs that are not assigned to it do not exist, and what others shop in, too, is not for it to change
    (ORG-6).
    """
    alone = await call.db.fetchval(ALONE, call.marketplace_id, catalog, call.principal.company_id)
    if alone is None:
        raise NotFoundError("Catalog", catalog)
    if not alone:
        raise CatalogEditError

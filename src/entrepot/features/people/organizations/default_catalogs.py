"""Default catalogs of buyers: one comes into being with each buyer that names none (BUY-1 to BUY-3)."""

from __future__ import annotations

from typing import Any

from entrepot.declare.feeds import Changed
from entrepot.engine.call import Call
from entrepot.kernel.errors import DefaultCatalogExistsError, IdExistsError, NotFoundError

GROUP_CATALOG = 'SELECT "DefaultCatalogID" FROM buyer_groups WHERE marketplace_id = $1 AND "ID" = $2'
CREATE = """
INSERT INTO catalogs (marketplace_id, "ID", "OwnerID", "Name", "Description", "Active")
VALUES ($1, $2, $3, $4, $5, true) ON CONFLICT (marketplace_id, "ID") DO NOTHING RETURNING "ID"
"""
BUYER = 'SELECT "ID" FROM buyers WHERE marketplace_id = $1 AND "ID" = $2'
IS_ASSIGNED = """
SELECT EXISTS (SELECT 1 FROM catalog_assignments
               WHERE marketplace_id = $1 AND "CatalogID" = $2 AND ("BuyerID" = $3 OR "BuyerGroupID" = $4))
"""
ASSIGN = """
INSERT INTO catalog_assignments (marketplace_id, "CatalogID", "BuyerID", "ViewAllCategories", "ViewAllProducts")
VALUES ($1, $2, $3, true, true) ON CONFLICT (marketplace_id, "CatalogID", "BuyerID", "BuyerGroupID") DO NOTHING
"""


async def create_default_catalog(call: Call, buyer: dict[str, Any]) -> str | None:
    """The ID of a new catalog named as the buyer; None where the buyer's group has a default catalog already.

    409 if the ID belongs to a catalog: Buyer.DefaultCatalogAlreadyExists, or IdExists if it is also a buyer's.
    """
    group = buyer["GroupID"]
    if group and await call.db.fetchval(GROUP_CATALOG, call.marketplace_id, group):
        return None
    created: str | None = await call.db.fetchval(
        CREATE,
        call.marketplace_id,
        buyer["ID"],
        call.principal.marketplace,
        buyer["Name"],
        f"Default catalog for {buyer['Name']}",
    )
    if created is None:
        # The buyer whose default catalog it is may stand behind it, even one that came in at this very moment.
        if await call.db.fetchval(BUYER, call.marketplace_id, buyer["ID"]):
            raise IdExistsError("Buyer", buyer["ID"])
        raise DefaultCatalogExistsError(buyer["ID"])
    return created


async def require_assigned(call: Call, catalog: str, buyer: dict[str, Any]) -> None:
    """404 for a catalog that the buyer does not have: its own users cannot give it one (CONV-10)."""
    having = (buyer["ID"], buyer["GroupID"])
    if not await call.db.fetchval(IS_ASSIGNED, call.marketplace_id, catalog, *having):
        raise NotFoundError("Catalog", catalog)


async def assign_default_catalog(call: Call, buyer: dict[str, Any]) -> None:
    """Make the default catalog visible to its buyer; an assignment that stands already keeps its flags."""
    with call.changing(Changed(buyers=frozenset({buyer["ID"]}))):
        await call.db.execute(ASSIGN, call.marketplace_id, buyer["DefaultCatalogID"], buyer["ID"])

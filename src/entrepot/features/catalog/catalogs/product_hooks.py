"""Rules of products in catalogs and categories (CTG-3, CTG-4, CTY-7, ORG-4, ORG-6)."""

from __future__ import annotations

from typing import Any

import asyncpg

from entrepot.declare.assignment import AssignmentHooks
from entrepot.declare.feeds import Changed, Feed, Feeds
from entrepot.engine.call import Call
from entrepot.features.catalog.audience.seen import seen
from entrepot.features.catalog.audience.tokens import refresh_products
from entrepot.features.catalog.catalogs.hooks import require_catalog_of_its_own, require_own_catalog
from entrepot.features.catalog.products.sellers import SOLD_OR_OFFERED, sells
from entrepot.kernel.errors import (
    AssignChildToCatalogError,
    AssignChildToCategoryError,
    AssignProductError,
    NotFoundError,
)
from entrepot.kernel.sql import Sql
from entrepot.kernel.user_types import UserType

Values = dict[str, Any]


def _placed(seen: str) -> Sql:
    """A product on its way into a catalog. offered: CTG-3, where the owner of the catalog sells it (SUP-4)."""
    return Sql(f"""
SELECT t."ParentID", {seen} AS seen,
       c."OwnerID" = mp."ID" OR c."OwnerID" = t."OwnerID"
       OR (t."OwnerID" = mp."ID" AND ({sells('c."OwnerID"')})) AS offered
FROM marketplaces mp
JOIN catalogs c ON c.marketplace_id = :marketplace_id AND c."ID" = :catalog
JOIN products t ON t.marketplace_id = :marketplace_id AND t."ID" = :product
WHERE mp.marketplace_id = :marketplace_id
""")


_OF_PATH = ("marketplace_id", "catalog", "product")
PLACED_BY_SUPPLIER = _placed(f"({SOLD_OR_OFFERED})").bound(*_OF_PATH, "company")
PLACED_BY_BUYER = _placed(seen("t")).bound(*_OF_PATH, "user")
PLACED_BY_SELLER = _placed("true").bound(*_OF_PATH)
ENTER_CATALOG = """
INSERT INTO catalog_product_assignments AS a (marketplace_id, "CatalogID", "ProductID") VALUES ($1, $2, $3)
ON CONFLICT (marketplace_id, "CatalogID", "ProductID") DO UPDATE SET "ProductID" = a."ProductID"
"""
"""The update changes nothing, but keeps the row until the end of the unit, for its category rows to come."""
HOLD_IN_CATALOG = """
SELECT 1 FROM catalog_product_assignments
WHERE marketplace_id = $1 AND "CatalogID" = $2 AND "ProductID" = $3 FOR KEY SHARE
"""
LOCK_IN_CATALOG = HOLD_IN_CATALOG.replace("KEY SHARE", "UPDATE")
LEAVE_CATEGORIES = """
DELETE FROM category_product_assignments
WHERE marketplace_id = $1 AND "CatalogID" = $2 AND "ProductID" = ANY(ARRAY(
    SELECT p."ID" FROM products p WHERE p.marketplace_id = $1 AND (p."ID" = $3 OR p."ParentID" = $3)))
"""
"""Children are in a catalog by their parent."""


PLACES = (
    Feeds(
        feed=Feed.CATALOG,
        scope=Changed(products=None),
        changes=lambda row: Changed(product_ids=frozenset({row["ProductID"]})),
    ),
)
"""Where a product is, and its children with it."""


class CatalogProductHooks(AssignmentHooks):
    """Products of a catalog are chosen by its owner, by the seller, and by buyers that it is assigned to."""

    async def check_write(self, call: Call, old: Values | None, new: Values) -> None:
        await require_catalog(call, new["CatalogID"])
        product = await place(call, new["CatalogID"], new["ProductID"])
        if product["ParentID"] is not None:
            raise AssignChildToCatalogError({"ProductID": new["ProductID"]})

    async def after_write(self, call: Call, old: Values | None, new: Values) -> None:
        await refresh_products(call, [new["ProductID"]])

    async def check_delete(self, call: Call, old: Values) -> None:
        await require_catalog(call, old["CatalogID"])
        # Whoever puts the product into a category meanwhile waits for the end of this unit.
        key = (call.marketplace_id, old["CatalogID"], old["ProductID"])
        if await call.db.fetchval(LOCK_IN_CATALOG, *key):
            with call.concerning(PLACES, old):
                await call.db.execute(LEAVE_CATEGORIES, *key)

    async def after_delete(self, call: Call, old: Values) -> None:
        await refresh_products(call, [old["ProductID"]])


class CategoryProductHooks(AssignmentHooks):
    """A product enters the catalog with its first category (CTG-4); a child needs its parent there (CTY-7)."""

    async def check_write(self, call: Call, old: Values | None, new: Values) -> None:
        await require_catalog(call, new["CatalogID"])
        product = await place(call, new["CatalogID"], new["ProductID"])
        if product["ParentID"] is None:
            with call.concerning(PLACES, new):
                await call.db.execute(ENTER_CATALOG, call.marketplace_id, new["CatalogID"], new["ProductID"])
            return
        held = await call.db.fetchval(
            HOLD_IN_CATALOG, call.marketplace_id, new["CatalogID"], product["ParentID"]
        )
        if held is None:
            raise AssignChildToCategoryError({"ProductID": new["ProductID"]})

    async def after_write(self, call: Call, old: Values | None, new: Values) -> None:
        await refresh_products(call, [new["ProductID"]])

    async def check_delete(self, call: Call, old: Values) -> None:
        await require_catalog(call, old["CatalogID"])

    async def after_delete(self, call: Call, old: Values) -> None:
        await refresh_products(call, [old["ProductID"]])


async def require_catalog(call: Call, catalog: str) -> None:
    """Refuse suppliers that do not own the catalog (ORG-4), and buyers that do not have it for themselves (ORG-6)."""
    if call.principal.supplier_id is not None:
        await require_own_catalog(call, catalog)
    elif call.principal.user_type is UserType.BUYER:
        await require_catalog_of_its_own(call, catalog)


async def place(call: Call, catalog: str, product: str) -> asyncpg.Record:
    """CTG-3: raises Catalog.CannotAssignProduct for what the catalog cannot hold, 404 for what the caller does not see."""
    sql, more = PLACED_BY_SELLER, list[Any]()
    match call.principal.user_type:
        case UserType.SUPPLIER:
            sql, more = PLACED_BY_SUPPLIER, [call.principal.company_id]
        case UserType.BUYER:
            sql, more = PLACED_BY_BUYER, [call.principal.user_key]
    found = await call.db.fetchrow(sql, call.marketplace_id, catalog, product, *more)
    if found is None or not found["seen"]:
        raise NotFoundError("Product", product)
    if not found["offered"]:
        raise AssignProductError({"CatalogID": catalog, "ProductID": product})
    return found

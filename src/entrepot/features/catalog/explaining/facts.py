"""One statement: what the server decides about a product for a shopper, and the rows that the decision is made of.

The verdicts are the conditions and SELECTs of the shoppers' own operations, over the same row. The rows are those that concern the
shopper; of what does not, some are read to tell why it does not.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import asyncpg

from entrepot.engine.call import Call
from entrepot.engine.content import OFF_LOOP
from entrepot.engine.wire.json import load
from entrepot.features.catalog.audience.shopper import Shopper
from entrepot.features.catalog.shopping.pages import one
from entrepot.features.catalog.shopping.prices import Seller, price
from entrepot.features.catalog.shopping.products import seller_scope
from entrepot.features.catalog.shopping.selling import SELLS
from entrepot.features.catalog.shopping.stock import QUANTITY, is_meant
from entrepot.features.catalog.shopping.visible import ITSELF, VISIBLE, VISIBLE_IN_CATALOG, scope

Values = dict[str, Any]

BESIDE = 20
"""Rows of a kind that do not concern the shopper and are told of none the less."""
MOST = 200
"""Records of stock, and parts of a bundle, that are read."""

READ = 5_000
"""Rows of each kind that are read, of those that concern the shopper; what they say beyond is not told."""

PRODUCT = """json_build_object('ID', {p}."ID", 'ParentID', {p}."ParentID", 'Active', {p}."Active", 'OwnerID', {p}."OwnerID",
    'IsParent', {p}."IsParent", 'IsBundle', {p}."IsBundle", 'Inventory', {p}."Inventory", 'Price', {p}."DefaultPriceScheduleID",
    'DefaultSupplierID', {p}."DefaultSupplierID", 'AllSuppliersCanSell', {p}."AllSuppliersCanSell", 'xp', {p}.xp)"""
OWN = 'a."BuyerID" = me.buyer AND (a.group_key IS NULL OR a.group_key = ANY(CAST(:groups AS bigint[])))'
NOT_OWN = f"NOT ({OWN})"
GROUP = (
    """(SELECT g."ID" FROM user_groups g WHERE g.marketplace_id = :marketplace_id AND g.key = a.group_key)"""
)
SHAPED = f"SELECT json_agg(to_json(x)) FROM (SELECT * FROM ({{rows}}) y LIMIT {READ + 1}) x"

ROWS: dict[str, str] = {
    "groups": """
        SELECT g."ID" FROM user_groups g WHERE g.marketplace_id = :marketplace_id AND g.key = ANY(CAST(:groups AS bigint[]))
        ORDER BY g."ID" """,
    "catalogs": 'SELECT offered."ID", offered."Active" FROM offered ORDER BY offered."ID"',
    "catalog_rows": """
        SELECT a."CatalogID", a."BuyerID", a."BuyerGroupID", a."ViewAllCategories", a."ViewAllProducts" FROM me
        JOIN catalog_assignments a ON a.marketplace_id = :marketplace_id
         AND (a."BuyerID" = me.buyer OR a."BuyerGroupID" = me.chain)
        WHERE a."CatalogID" IN (SELECT "ID" FROM offered) ORDER BY a."CatalogID", a."BuyerGroupID" NULLS FIRST""",
    "unassigned": f"""
        SELECT l."CatalogID" FROM source
        JOIN catalog_product_assignments l ON l.marketplace_id = :marketplace_id AND l."ProductID" = source."ID"
        WHERE l."CatalogID" NOT IN (SELECT "ID" FROM offered) ORDER BY l."CatalogID" LIMIT {BESIDE}""",
    "lacking": f"""
        SELECT DISTINCT a."CatalogID" FROM me
        JOIN catalog_assignments a ON a.marketplace_id = :marketplace_id
         AND (a."BuyerID" = me.buyer OR a."BuyerGroupID" = me.chain)
        WHERE a."CatalogID" NOT IN (SELECT "ID" FROM offered) ORDER BY a."CatalogID" LIMIT {BESIDE}""",
    "places": 'SELECT placed."CatalogID", placed."ID" FROM placed ORDER BY placed."CatalogID", placed."ID"',
    "categories": 'SELECT DISTINCT climb."CatalogID", climb."ID", climb."ParentID", climb."Active" FROM climb',
    "category_rows": f"""
        SELECT a."CatalogID", a."CategoryID", {GROUP} AS "UserGroupID", a."Visible", a."ViewAllProducts"
        FROM (SELECT DISTINCT "CatalogID", "ID" FROM climb) k CROSS JOIN me
        JOIN category_assignments a ON a.marketplace_id = :marketplace_id AND a."CatalogID" = k."CatalogID"
         AND a."CategoryID" = k."ID" AND {OWN}
        ORDER BY a."CatalogID", a."CategoryID", a.group_key NULLS LAST""",
    "product_rows": f"""
        SELECT a."ProductID", {GROUP} AS "UserGroupID", a."SellerID", a."PriceScheduleID" FROM me CROSS JOIN t
        JOIN product_assignments a ON a.marketplace_id = :marketplace_id AND a."ProductID" = ANY(ARRAY[t."ID", t."ParentID"])
         AND {OWN}
        ORDER BY a."ProductID", a.group_key NULLS LAST, a."SellerID" NULLS FIRST""",
    "others": f"""
        SELECT a."ProductID", a."BuyerID", {GROUP} AS "UserGroupID", a."PriceScheduleID" FROM me CROSS JOIN source
        JOIN product_assignments a ON a.marketplace_id = :marketplace_id AND a."ProductID" = source."ID" AND {NOT_OWN}
        ORDER BY a."BuyerID" <> me.buyer, a."BuyerID", a.group_key NULLS FIRST LIMIT {BESIDE}""",
    "supplier_rows": """
        SELECT r."ProductID", r."SupplierID", r."DefaultPriceScheduleID" FROM t
        JOIN product_suppliers r ON r.marketplace_id = :marketplace_id AND r."ProductID" = ANY(ARRAY[t."ID", t."ParentID"])
         AND r."SupplierID" = coalesce(CAST(:asked_seller AS citext), t."OwnerID")""",
    "locales": f"""
        SELECT l."ID", l."Currency", CASE WHEN a.group_key IS NULL THEN NULL ELSE {GROUP} END AS "UserGroupID" FROM me
        JOIN locale_assignments a ON a.marketplace_id = :marketplace_id AND {OWN}
        JOIN locales l ON l.marketplace_id = :marketplace_id AND l."ID" = a."LocaleID"
        ORDER BY a.group_key IS NULL, l."ID" """,
    "records": f"""
        SELECT r."ID", r."VariantID", r."QuantityAvailable", {is_meant("r")} AS "Meant" FROM t
        JOIN inventory_records r ON r.marketplace_id = :marketplace_id AND r."ProductID" = t."ID"
        ORDER BY r."VariantID" NULLS FIRST, r."ID" LIMIT {MOST}""",
}
"""Each a list of the facts. `offered` are the catalogs that hold the product and are assigned to the buyer, active or not."""
SCHEDULES = f"""
SELECT p."ID", p."Name", p."Currency" FROM price_schedules p
WHERE p.marketplace_id = :marketplace_id AND p."ID" IN (
    SELECT a."PriceScheduleID" FROM me CROSS JOIN t
    JOIN product_assignments a ON a.marketplace_id = :marketplace_id AND a."ProductID" = ANY(ARRAY[t."ID", t."ParentID"])
     AND {OWN}
    UNION ALL
    SELECT r."DefaultPriceScheduleID" FROM t
    JOIN product_suppliers r ON r.marketplace_id = :marketplace_id AND r."ProductID" = ANY(ARRAY[t."ID", t."ParentID"])
     AND r."SupplierID" = coalesce(CAST(:asked_seller AS citext), t."OwnerID")
    UNION ALL
    SELECT "DefaultPriceScheduleID" FROM t
    UNION ALL
    SELECT "DefaultPriceScheduleID" FROM source)
"""
LISTS = (*ROWS, "parts", "schedules")
CTES = """
t AS (SELECT * FROM products WHERE marketplace_id = :marketplace_id AND "ID" = CAST(:product AS citext)),
source AS (
    SELECT p.* FROM t
    JOIN products p ON p.marketplace_id = :marketplace_id AND p."ID" = coalesce(t."ParentID", t."ID")
),
me AS (
    SELECT b."ID" AS buyer, b."GroupID" AS chain FROM buyers b
    WHERE b.marketplace_id = :marketplace_id AND b."ID" = CAST(:buyer AS citext)
),
offered AS (
    SELECT c."ID", c."Active" FROM source
    JOIN catalog_product_assignments l ON l.marketplace_id = :marketplace_id AND l."ProductID" = source."ID"
    JOIN catalogs c ON c.marketplace_id = :marketplace_id AND c."ID" = l."CatalogID"
    WHERE EXISTS (SELECT 1 FROM me
                  JOIN catalog_assignments a ON a.marketplace_id = :marketplace_id AND a."CatalogID" = c."ID"
                   AND (a."BuyerID" = me.buyer OR a."BuyerGroupID" = me.chain))
),
placed AS (
    SELECT k."CatalogID", k."ID", k."ParentID", k."Active" FROM source
    JOIN category_product_assignments l ON l.marketplace_id = :marketplace_id AND l."ProductID" = source."ID"
    JOIN offered ON offered."ID" = l."CatalogID"
    JOIN categories k ON k.marketplace_id = :marketplace_id AND k."CatalogID" = l."CatalogID" AND k."ID" = l."CategoryID"
),
climb AS (
    SELECT * FROM placed
    UNION
    SELECT k."CatalogID", k."ID", k."ParentID", k."Active" FROM climb
    JOIN categories k ON k.marketplace_id = :marketplace_id AND k."CatalogID" = climb."CatalogID" AND k."ID" = climb."ParentID"
)"""


def parts(prefix: str) -> str:
    """The SELECT of the parts of a bundle. prefix: of the parameters that are the shopper's tokens of all catalogs: "all_" beside those of
    one.
    """
    return f"""
        SELECT held."ProductID" AS "ID", coalesce({ITSELF.format(t="part", p=prefix)}, false) AS "Visible" FROM t
        JOIN bundle_product_assignments held ON held.marketplace_id = :marketplace_id AND held."BundleID" = t."ID"
        LEFT JOIN products part ON part.marketplace_id = :marketplace_id AND part."ID" = held."ProductID"
        WHERE t."IsBundle" ORDER BY 2, 1 LIMIT {MOST}"""


@dataclass(frozen=True, slots=True)
class ProductFacts:
    """What was found. schedule: the price schedule that the shopper gets; sells: whether the supplier that was asked for sells it."""

    product: Values
    parent: Values | None
    is_visible: bool
    sells: bool
    schedule: Values | None
    quantity: int | None
    rows: dict[str, list[Values]]
    is_large: bool = False
    """Whether there is so much that it is read, and explained, in a thread."""
    cut: tuple[str, ...] = ()
    """The lists of which there is more than was read."""

    @property
    def available(self) -> int | None:
        """What the shopper may order: of the records that are meant for it, or what holds for everybody; None where no stock is kept."""
        inventory = self.product["Inventory"]
        if inventory is None:
            return None
        return self.quantity if self.quantity is not None else inventory.get("QuantityAvailable")


@lru_cache(maxsize=8)
def _statement(seller: Seller, *, in_catalog: bool) -> str:
    visible = VISIBLE_IN_CATALOG if in_catalog else VISIBLE
    rows = ROWS | {"parts": parts("all_" if in_catalog else ""), "schedules": SCHEDULES}
    lists = ", ".join(f'({SHAPED.format(rows=sql)}) AS "{name}"' for name, sql in rows.items())
    return f"""
WITH RECURSIVE {CTES}
SELECT {PRODUCT.format(p="t")} AS product,
    CASE WHEN t."ParentID" IS NOT NULL THEN (SELECT {PRODUCT.format(p="source")} FROM source) END AS parent,
    ({visible}) AS is_visible, ({SELLS if seller == "supplier" else "true"}) AS sells, ({price(seller)}) AS schedule,
    ({QUANTITY}) AS quantity, {lists}
FROM t
"""


async def read_facts(
    call: Call, shopper: Shopper, product: str, catalog: str | None, seller: str | None
) -> ProductFacts:
    """Of a product that exists. One statement."""
    whose, values = seller_scope(call, seller)
    tokens = shopper.audience.tokens(catalog)
    values |= scope(shopper, tokens) | {"product": product, "asked_seller": seller}
    found = await one(call, _statement(whose, in_catalog=catalog is not None), values)
    assert found is not None
    is_large = sum(len(found[name] or "") for name in LISTS) > OFF_LOOP
    return await asyncio.to_thread(_facts, found, is_large) if is_large else _facts(found, is_large)


def _facts(found: asyncpg.Record, is_large: bool) -> ProductFacts:
    rows: dict[str, list[Values]] = {name: load(found[name] or "[]") for name in LISTS}
    return ProductFacts(
        product=load(found["product"]),
        parent=load(found["parent"]) if found["parent"] else None,
        is_visible=found["is_visible"],
        sells=found["sells"],
        schedule=load(found["schedule"]) if found["schedule"] else None,
        quantity=found["quantity"],
        rows={name: each[:READ] for name, each in rows.items()},
        is_large=is_large,
        cut=tuple(name for name, each in rows.items() if len(each) > READ),
    )

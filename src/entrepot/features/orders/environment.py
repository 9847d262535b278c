"""An order as expressions see it (EXPR-13, EXPR-16)."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from entrepot.domain.expressions.budget import Budget
from entrepot.domain.expressions.environment import Environment, ProductCategories
from entrepot.engine.call import Call
from entrepot.features.orders.companies import buyer_of
from entrepot.features.orders.priced import PricedOrder
from entrepot.features.orders.rows import LineRow, by_name
from entrepot.features.orders.store import Loaded

Values = dict[str, Any]

BUDGET = "steps of expressions"
CATEGORIES = """
WITH RECURSIVE held AS (
    SELECT l."ProductID" AS product, l."CatalogID" AS catalog, l."CategoryID" AS category, false AS above
    FROM category_product_assignments l
    WHERE l.marketplace_id = $1 AND l."ProductID" = ANY($2::citext[])
      AND EXISTS (SELECT 1 FROM catalog_assignments a
                  WHERE a.marketplace_id = $1 AND a."CatalogID" = l."CatalogID"
                    AND (a."BuyerID" = $3
                         OR a."BuyerGroupID" IN (SELECT b."GroupID" FROM buyers b
                                                 WHERE b.marketplace_id = $1 AND b."ID" = $3)))
    UNION
    SELECT h.product, h.catalog, k."ParentID", true FROM held h
    JOIN categories k ON k.marketplace_id = $1 AND k."CatalogID" = h.catalog AND k."ID" = h.category
    WHERE k."ParentID" IS NOT NULL)
SELECT h.product, h.category, h.above FROM held h
"""
"""Of products, the categories in the catalogs that a buyer sees, and those above; active or not (EXPR-16)."""


async def environment_of(
    call: Call, loaded: Loaded, priced: PricedOrder | None = None, *, categories: bool = False
) -> Environment:
    """The order and its lines at this moment. No statement, one where an expression asks for `categories`.

    priced: what is known of the products, for `Product.Inventory`; without it that is null. All environments of a request
    share one budget, whose steps are to be taken within `computing.computed`.
    """
    items = [_item(line, priced) for line in loaded.lines]
    found = await _categories(call, loaded) if categories else {}
    budget = call.notes.setdefault(BUDGET, Budget(paced=True))
    return Environment(
        now=call.clock(), order=by_name(loaded.order), items=items, categories=found, budget=budget
    )


def _item(line: LineRow, priced: PricedOrder | None) -> Values:
    product = None if priced is None else priced.product(line)
    if product is None or line["Product"] is None:
        return by_name(line)
    return by_name(line) | {"Product": line["Product"] | {"Inventory": product.inventory}}


async def _categories(call: Call, loaded: Loaded) -> dict[str, ProductCategories]:
    """By ProductID as on the lines; a product of a family is where its parent is, too."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for line in loaded.lines:
        parent = (line["Product"] or {}).get("ParentID")
        for product in (line["ProductID"], parent):
            if product:
                wanted[product.lower()].add(line["ProductID"])
    buyer = buyer_of(loaded.order)
    assigned: dict[str, set[str]] = defaultdict(set)
    above: dict[str, set[str]] = defaultdict(set)
    for row in await call.db.fetch(CATEGORIES, call.marketplace_id, sorted(wanted), buyer):
        for product in wanted[row["product"].lower()]:
            (above if row["above"] else assigned)[product].add(row["category"])
    products = {line["ProductID"] for line in loaded.lines}
    return {
        product: ProductCategories(frozenset(assigned[product]), frozenset(above[product]))
        for product in products
    }

"""An order as expressions see it (EXPR-13, EXPR-16)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from entrepot.domain.expressions.budget import Budget
from entrepot.domain.expressions.environment import Environment, ProductCategories
from entrepot.engine.call import Call
from entrepot.engine.notes import Note
from entrepot.features.trade.orders.companies import buyer_of
from entrepot.features.trade.orders.priced import Known
from entrepot.features.trade.orders.rows import LineRow, by_name
from entrepot.features.trade.orders.store import Loaded

Values = dict[str, Any]

BUDGET: Note[Budget] = Note("the steps that expressions may take")
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


Categories = Mapping[str, ProductCategories]


async def environment_of(call: Call, loaded: Loaded, *, categories: bool) -> Environment:
    """The order and its lines at this moment. No statement, one where an expression asks for `categories`."""
    found = await read_categories(call, loaded) if categories else {}
    return environment(loaded, loaded.facts, found, call.clock(), budget_of(call))


def environment(
    loaded: Loaded, known: Known | None, categories: Categories, now: datetime, budget: Budget
) -> Environment:
    """The same of what has been read. known: of the products, for `Product.Inventory`; without it that is null."""
    items = [_item(line, known) for line in loaded.lines]
    return Environment(
        now=now, order=by_name(loaded.order), items=items, categories=categories, budget=budget
    )


def budget_of(call: Call) -> Budget:
    """The steps that all expressions of a request share; they are taken within `computing.computed`."""
    return call.notes.first(BUDGET, Budget(paced=True))


async def read_categories(call: Call, loaded: Loaded, known: Known | None = None) -> Categories:
    """By ProductID as on the lines; a product of a family is where its parent is, too. known: lines that follow their
    products name them as these are named now. One statement.
    """
    wanted: dict[str, set[str]] = defaultdict(set)
    products = {_named(line, known) for line in loaded.lines}
    for product_id, parent in products:
        for product in (product_id, parent):
            if product:
                wanted[product.lower()].add(product_id)
    buyer = buyer_of(loaded.order)
    assigned: dict[str, set[str]] = defaultdict(set)
    above: dict[str, set[str]] = defaultdict(set)
    for row in await call.db.fetch(CATEGORIES, call.marketplace_id, sorted(wanted), buyer):
        for product in wanted[row["product"].lower()]:
            (above if row["above"] else assigned)[product].add(row["category"])
    return {
        product: ProductCategories(frozenset(assigned[product]), frozenset(above[product]))
        for product, _ in products
    }


def _named(line: LineRow, known: Known | None) -> tuple[str, str | None]:
    """The IDs of the product and of its parent."""
    product = None if known is None or line["ad_hoc"] else known.product(line)
    if product is not None:
        return product.wire["ID"], product.wire["ParentID"]
    return line["ProductID"], (line["Product"] or {}).get("ParentID")


def _item(line: LineRow, known: Known | None) -> Values:
    product = None if known is None else known.product(line)
    if product is None or line["Product"] is None:
        return by_name(line)
    return by_name(line) | {"Product": line["Product"] | {"Inventory": product.inventory}}

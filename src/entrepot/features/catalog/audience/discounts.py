"""The discounts that reach a shopper, and where products are that discounts are scoped to (DSC-1)."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from entrepot.domain.discounts.choice import Placed, chosen, covers
from entrepot.domain.discounts.product_filter import read_product_filter
from entrepot.domain.discounts.terms import Discount, Tier
from entrepot.engine.call import Call

Pair = tuple[str, str]

OF_SHOPPER = """
SELECT json_agg(json_build_object(
           'id', d."ID", 'description', d."Description", 'breaks', d."DiscountBreaks", 'filter', d."ProductFilter",
           'catalog', d."CatalogID", 'category', d."CategoryID", 'product', d."ProductID", 'priority', d."Priority")
       ORDER BY d."ID")
FROM discounts d
WHERE d.marketplace_id = :marketplace_id AND d."ID" IN (
    SELECT a."DiscountID" FROM discount_assignments a
    WHERE a.marketplace_id = :marketplace_id AND a."BuyerID" = me.buyer
      AND (a.group_key IS NULL OR a.group_key IN (SELECT group_key FROM groups))
    UNION ALL
    SELECT a."DiscountID" FROM discount_assignments a
    WHERE a.marketplace_id = :marketplace_id AND a."BuyerGroupID" = me.chain)
"""
"""As part of the statement that reads a shopper."""
PLACES = """
WITH RECURSIVE seen AS (
    SELECT a."CatalogID" AS id FROM catalog_assignments a
    WHERE a.marketplace_id = $1
      AND (a."BuyerID" = $3 OR a."BuyerGroupID" IN (
              SELECT b."GroupID" FROM buyers b WHERE b.marketplace_id = $1 AND b."ID" = $3))
),
held AS (
    SELECT l."ProductID" AS product, l."CatalogID" AS catalog, l."CategoryID" AS category
    FROM category_product_assignments l
    WHERE l.marketplace_id = $1 AND l."ProductID" = ANY($2::citext[]) AND l."CatalogID" IN (SELECT id FROM seen)
    UNION
    SELECT h.product, h.catalog, k."ParentID" FROM held h
    JOIN categories k ON k.marketplace_id = $1 AND k."CatalogID" = h.catalog AND k."ID" = h.category
    WHERE k."ParentID" IS NOT NULL
)
SELECT product, catalog, category FROM held
UNION ALL
SELECT l."ProductID", l."CatalogID", NULL FROM catalog_product_assignments l
WHERE l.marketplace_id = $1 AND l."ProductID" = ANY($2::citext[]) AND l."CatalogID" IN (SELECT id FROM seen)
"""
"""The catalogs that a buyer sees of products, and their categories with those above."""


@dataclass(frozen=True, slots=True)
class Priced:
    """A product as discounts look at it; a child is within the scopes of its parent, too (inferred)."""

    id: str
    parent: str | None
    xp: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Offers:
    """The discounts that reach a shopper, and where the products in question are, by lower-case product ID."""

    discounts: tuple[Discount, ...] = ()
    catalogs: Mapping[str, frozenset[str]] | None = None
    categories: Mapping[str, frozenset[Pair]] | None = None

    def best(self, product: Priced, quantities: list[int]) -> Discount | None:
        """The one discount of a product (DSC-2); None where none covers it."""
        if not self.discounts:
            return None
        places = [self._placed(name, product) for name in (product.id, product.parent) if name]
        found = [each for each in self.discounts if any(covers(each, place) for place in places)]
        return chosen(found, quantities)

    def _placed(self, name: str, product: Priced) -> Placed:
        return Placed(
            product_id=name,
            xp=product.xp,
            catalogs=(self.catalogs or {}).get(name.lower(), frozenset()),
            categories=(self.categories or {}).get(name.lower(), frozenset()),
        )


async def read_offers(
    call: Call, discounts: tuple[Discount, ...], buyer: str, products: Iterable[Priced]
) -> Offers:
    """The shopper's discounts for these products. One statement where one is scoped to a catalog, else none."""
    if all(each.catalog_id is None for each in discounts):
        return Offers(discounts)
    ids = {name.lower() for each in products for name in (each.id, each.parent) if name}
    catalogs: dict[str, set[str]] = defaultdict(set)
    categories: dict[str, set[Pair]] = defaultdict(set)
    for row in await call.db.fetch(PLACES, call.marketplace_id, sorted(ids), buyer):
        if row["category"] is None:
            catalogs[row["product"].lower()].add(row["catalog"])
        else:
            categories[row["product"].lower()].add((row["catalog"], row["category"]))
    return Offers(
        discounts,
        {key: frozenset(value) for key, value in catalogs.items()},
        {key: frozenset(value) for key, value in categories.items()},
    )


@lru_cache(maxsize=512)
def read_discounts(text: str | None) -> tuple[Discount, ...]:
    """What OF_SHOPPER gives; shoppers of one buyer share it."""
    return tuple(_discount(each) for each in json.loads(text, parse_float=Decimal)) if text else ()


def _discount(wire: dict[str, Any]) -> Discount:
    return Discount(
        id=wire["id"],
        tiers=tuple(Tier(each["Quantity"], Decimal(each["Amount"])) for each in wire["breaks"]),
        description=wire["description"],
        priority=wire["priority"],
        catalog_id=wire["catalog"],
        category_id=wire["category"],
        product_id=wire["product"],
        product_filter=read_product_filter(wire["filter"]),
    )

"""Messages of products, of all that belongs to one (SYNC-3), and of what has gone."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from msgspec import Raw

from entrepot.engine.call import Call
from entrepot.engine.rows import render, renderer
from entrepot.engine.statements import projection
from entrepot.engine.syncing import Name
from entrepot.engine.wire.json import encode
from entrepot.features.catalog.catalogs.spec_resources import COUNT, OPTIONS, Spec
from entrepot.features.catalog.pricing.resources import PRICE_SCHEDULES, PriceSchedule
from entrepot.features.catalog.products.resources import PRODUCTS, Product
from entrepot.features.catalog.products.variants import Variant
from entrepot.features.trade.synchronization import kinds
from entrepot.features.trade.synchronization.built import GONE, Message, payload
from entrepot.features.trade.synchronization.numbers import numbered
from entrepot.features.trade.synchronization.records import RECORD, shown_record
from entrepot.kernel.sql import Sql

Values = dict[str, Any]
Rows = dict[str, list[Any]]
"""By the ID of the product, folded."""

HEAVY = 100
"""Variants of a product from which on its message is made in a thread."""
MOST_VARIANTS = 1000
"""Variants that are read at once."""
ENOUGH = 4 * 2**20
"""Bytes of messages that are made at once."""
GROUP, COMPANY = 2, 3
"""PartyType (SYNC-3)."""
FOUND = """
SELECT t."ID" FROM products t WHERE t.marketplace_id = $1
  AND (t."ID" = ANY($2::citext[]) OR t."ParentID" = ANY($2::citext[])) ORDER BY t."ID" LIMIT $3
"""
"""Children show what their parents have."""
READ = Sql(f"""
SELECT {projection(Product.__columns__.values(), PRODUCTS.hooks.shows)} FROM products t
WHERE t.marketplace_id = :marketplace_id AND t."ID" = ANY(:wanted::citext[]) ORDER BY t."ID"
""").bound("marketplace_id", "wanted")
ASSIGNED = """
SELECT a."ProductID", coalesce(a."SellerID", mp."ID") AS seller, a."BuyerID" AS buyer, g."ID" AS user_group,
       a."PriceScheduleID" AS price
FROM product_assignments a JOIN marketplaces mp ON mp.marketplace_id = $1
LEFT JOIN user_groups g ON g.marketplace_id = $1 AND g.key = a.group_key
WHERE a.marketplace_id = $1 AND a."ProductID" = ANY($2::citext[])
ORDER BY a."BuyerID", g."ID" NULLS FIRST, seller
"""
SOLD = """
SELECT a."ProductID", a."SupplierID" AS supplier, a."DefaultPriceScheduleID" AS price FROM product_suppliers a
WHERE a.marketplace_id = $1 AND a."ProductID" = ANY($2::citext[]) ORDER BY a."SupplierID"
"""
IN_CATALOGS = """
SELECT a."ProductID", a."CatalogID" AS catalog FROM catalog_product_assignments a
WHERE a.marketplace_id = $1 AND a."ProductID" = ANY($2::citext[]) ORDER BY a."CatalogID"
"""
IN_CATEGORIES = """
SELECT a."ProductID", k."CatalogID" AS catalog, k."ID", k."Name", k."ListOrder", k."Active"
FROM category_product_assignments a
JOIN categories k ON k.marketplace_id = $1 AND k."CatalogID" = a."CatalogID" AND k."ID" = a."CategoryID"
WHERE a.marketplace_id = $1 AND a."ProductID" = ANY($2::citext[]) ORDER BY k."CatalogID", k."ID"
"""
SPECS = Sql(f"""
SELECT a."ProductID", t."OwnerID", t."ID", t."ListOrder", t."Name",
       coalesce(a."DefaultValue", t."DefaultValue") AS "DefaultValue", t."Required", t."AllowOpenText",
       coalesce(a."DefaultOptionID", t."DefaultOptionID") AS "DefaultOptionID", t."DefinesVariant", t.xp,
       ({COUNT}) AS "OptionCount", ({OPTIONS}) AS "Options"
FROM spec_product_assignments a JOIN specs t ON t.marketplace_id = :marketplace_id AND t."ID" = a."SpecID"
WHERE a.marketplace_id = :marketplace_id AND a."ProductID" = ANY(:wanted::citext[]) ORDER BY t."ListOrder", t."Name", t."ID"
""").bound("marketplace_id", "wanted")
VARIANTS = Sql(f"""
SELECT t."ProductID", {projection(Variant.__columns__.values())} FROM variants t
WHERE t.marketplace_id = :marketplace_id AND t."ProductID" = ANY(:wanted::citext[]) ORDER BY t."ID"
""").bound("marketplace_id", "wanted")
RECORDS = f"""
SELECT {RECORD} WHERE t.marketplace_id = $1 AND t."ProductID" = ANY($2::citext[]) ORDER BY t."VariantID" NULLS FIRST, t."ID"
"""
PRICES = Sql(f"""
SELECT {projection(PriceSchedule.__columns__.values(), PRICE_SCHEDULES.hooks.shows)} FROM price_schedules t
WHERE t.marketplace_id = :marketplace_id AND t."ID" = ANY(:wanted::citext[])
""").bound("marketplace_id", "wanted")


async def build(
    call: Call, names: Iterable[Name], *, prices: bool, config_data: Any
) -> tuple[list[Message], list[Name]]:
    """Of those that are there, as many as have ENOUGH bytes together; and the names of those that are left for later.

    Eight statements, and eight more for each thousand variants; one of eight less without prices.
    """
    ids = [name[0] for name in names]
    products = [render(call, PRODUCTS, row) for row in await call.db.fetch(READ, call.marketplace_id, ids)]
    more = {} if config_data is None else {"ConfigData": config_data}
    messages: list[Message] = []
    size = 0
    for some in _chunks(products):
        if size >= ENOUGH:
            return messages, [(product["ID"],) for product in products[len(messages) :]]
        parents = {product["ParentID"] for product in some if product["ParentID"]}
        wanted = [*(product["ID"] for product in some), *parents]
        parts = await _Parts.read(call, wanted, some, prices=prices)
        for product in some:
            # What is made of many variants takes long, and much room until it is text.
            heavy = product["VariantCount"] > HEAVY
            made = partial(_text, parts, product, more, prices=prices)
            text = await asyncio.to_thread(made) if heavy else made()
            size += memoryview(text).nbytes
            messages.append(
                Message(
                    kind=kinds.PRODUCTS,
                    name=(product["ID"],),
                    aggregate=_aggregate(product["ID"]),
                    payload=text,
                )
            )
    return messages, []


def _text(parts: _Parts, product: Values, more: Values, *, prices: bool) -> Raw:
    return Raw(encode(payload(parts.of(product, prices=prices), more)))


def _chunks(products: Sequence[Values]) -> Iterator[list[Values]]:
    """As many as have MOST_VARIANTS together."""
    some: list[Values] = []
    for product in products:
        if some and sum(each["VariantCount"] for each in some) + product["VariantCount"] > MOST_VARIANTS:
            yield some
            some = []
        some.append(product)
    if some:
        yield some


def _aggregate(product_id: Any) -> str:
    """As webhooks call it."""
    return f"products/{product_id}".lower()


def build_gone(names: Iterable[Name]) -> list[Message]:
    """SYNC-2"""
    return [
        Message(
            kind=kinds.PRODUCTS,
            name=name,
            aggregate=_aggregate(name[0]),
            payload=payload({"ProductID": name[0]}),
            verb=GONE,
        )
        for name in names
    ]


class _Parts:
    """What belongs to products, by product."""

    def __init__(self, call: Call) -> None:
        self.call = call
        self.assigned: Rows = {}
        self.sold: Rows = {}
        self.catalogs: Rows = {}
        self.categories: Rows = {}
        self.specs: Rows = {}
        self.variants: Rows = {}
        self.records: Rows = {}
        self.prices: dict[str, Values] = {}

    @classmethod
    async def read(
        cls, call: Call, ids: Sequence[str], products: Sequence[Values], *, prices: bool
    ) -> _Parts:
        parts = cls(call)
        for name, sql in (
            ("assigned", ASSIGNED),
            ("sold", SOLD),
            ("catalogs", IN_CATALOGS),
            ("categories", IN_CATEGORIES),
            ("specs", SPECS),
            ("variants", VARIANTS),
            ("records", RECORDS),
        ):
            found: Rows = defaultdict(list)
            for row in await call.db.fetch(sql, call.marketplace_id, ids):
                found[row["ProductID"].lower()].append(row)
            setattr(parts, name, found)
        if prices:
            wanted = {product["DefaultPriceScheduleID"] for product in products}
            wanted |= {
                row["price"]
                for rows in (parts.assigned, parts.sold)
                for each in rows.values()
                for row in each
            }
            for row in await call.db.fetch(PRICES, call.marketplace_id, [each for each in wanted if each]):
                parts.prices[row["ID"].lower()] = render(call, PRICE_SCHEDULES, row)
        return parts

    def of(self, product: Values, *, prices: bool) -> Values:
        """The payload, after the names of a published message."""
        own = product["ID"].lower()
        family = [own, *((product["ParentID"].lower(),) if product["ParentID"] else ())]
        fields = numbered(Product, {name: value for name, value in product.items() if name != "ID"})
        shown: Values = {"ProductID": product["ID"], "Marketplace": self.call.principal.marketplace, **fields}
        assigned = _nearest(self.assigned, family, ("seller", "buyer", "user_group"))
        if prices:
            shown |= {
                "DefaultPriceSchedule": self._price(product["DefaultPriceScheduleID"]),
                "PartyPriceSchedules": [self._of_party(row) for row in assigned if row["price"]],
                "SellerDefaultPriceSchedules": [
                    {"Seller": row["supplier"], "PriceSchedule": self._price(row["price"])}
                    for row in _nearest(self.sold, family, ("supplier",))
                    if row["price"]
                ],
            }
        sellers = [
            product["OwnerID"],
            *(row["supplier"] for row in _nearest(self.sold, family, ("supplier",))),
        ]
        categories = _nearest(self.categories, family, ("catalog", "ID"))
        return shown | {
            "Catalogs": [row["catalog"] for row in _nearest(self.catalogs, family, ("catalog",))],
            "Categories": [
                {name: row[name] for name in ("ID", "Name", "ListOrder", "Active")} for row in categories
            ],
            "Suppliers": _once(sellers),
            "Buyers": _once(row["buyer"] for row in assigned if row["user_group"] is None),
            "UserGroups": _once(row["user_group"] for row in assigned if row["user_group"] is not None),
            "Specs": [
                numbered(Spec, renderer(Spec).render(row)) for row in _nearest(self.specs, family, ("ID",))
            ],
            "Variants": [
                numbered(Variant, renderer(Variant).render(row)) for row in self.variants.get(own, ())
            ],
            "InventoryRecords": [shown_record(row) for row in self.records.get(own, ())],
        }

    def _price(self, price_id: str | None) -> Values | None:
        return None if not price_id else self.prices.get(price_id.lower())

    def _of_party(self, row: Mapping[str, Any]) -> Values:
        group = row["user_group"]
        return {
            "Seller": row["seller"],
            "Party": row["buyer"] if group is None else group,
            "PartyType": COMPANY if group is None else GROUP,
            "PriceSchedule": self._price(row["price"]),
        }


def _nearest(rows: Rows, family: Sequence[str], key: tuple[str, ...]) -> list[Any]:
    """The rows of a product and of its parent, its own before the parent's of the same key (PRD-6)."""
    found: dict[tuple[Any, ...], Any] = {}
    for member in family:
        for row in rows.get(member, ()):
            found.setdefault(tuple(row[name] for name in key), row)
    return list(found.values())


def _once(ids: Iterable[str]) -> list[str]:
    return list({each.lower(): each for each in ids if each}.values())

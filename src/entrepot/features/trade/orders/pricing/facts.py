"""What the lines of an order depend on: products, their visibility and price for the order's user, specs, variants."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from decimal import Decimal
from functools import lru_cache
from typing import Any

import asyncpg

from entrepot.domain.orders.choices import Option, Spec
from entrepot.engine.call import Call
from entrepot.engine.sql import numbered
from entrepot.engine.wire.json import dump, load
from entrepot.features.catalog.audience.memory import AudienceMemory, with_user
from entrepot.features.catalog.audience.shopper import Shopper
from entrepot.features.catalog.inventory.address_text import address_object
from entrepot.features.catalog.pricing.schedules import as_schedule
from entrepot.features.catalog.products.sellers import sells
from entrepot.features.catalog.shopping.prices import Seller, price
from entrepot.features.catalog.shopping.visible import (
    CATALOG_EPOCH,
    NONE,
    VISIBLE,
    scope_in_texts,
    with_texts,
    without_long,
)
from entrepot.features.people.services import services
from entrepot.features.trade.orders.models.lines import LineItemProduct, LineItemVariant
from entrepot.features.trade.orders.priced import Facts, OrderedProduct, OrderedVariant
from entrepot.features.trade.orders.rows import OrderRow

Values = dict[str, Any]
Record = asyncpg.Record

PRODUCT_COLUMNS = tuple(LineItemProduct.__columns__)
VARIANT_COLUMNS = tuple(LineItemVariant.__columns__)
SPECS = """
SELECT json_agg(json_build_object(
    'id', s."ID", 'name', s."Name", 'required', s."Required", 'allows_text', s."AllowOpenText",
    'defines_variant', s."DefinesVariant", 'default_value', coalesce(a."DefaultValue", s."DefaultValue"),
    'default_option', coalesce(a."DefaultOptionID", s."DefaultOptionID"),
    'options', (SELECT json_agg(json_build_array(o."ID", o."Value", o.number, o."IsOpenText", o."PriceMarkupType",
                                                 o."PriceMarkup"))
                FROM spec_options o WHERE o.marketplace_id = :marketplace_id AND o."SpecID" = s."ID")
) ORDER BY s."ListOrder", lower(s."Name"), s."ID")
FROM (SELECT DISTINCT ON (x."SpecID") x."SpecID", x."DefaultValue", x."DefaultOptionID"
      FROM spec_product_assignments x
      WHERE x.marketplace_id = :marketplace_id AND x."ProductID" = ANY(ARRAY[t."ID", t."ParentID"])
      ORDER BY x."SpecID", x."ProductID" = t."ID" DESC) a
JOIN specs s ON s.marketplace_id = :marketplace_id AND s."ID" = a."SpecID"
"""
HAS_RECORDS = """EXISTS (
    SELECT 1 FROM inventory_records r WHERE r.marketplace_id = :marketplace_id AND r."ProductID" = t."ID")"""
SHIP_FROM = f"""
SELECT {address_object("ad")} FROM addresses ad WHERE ad.marketplace_id = :marketplace_id AND ad.key = t.ship_from_key
"""
VARIANTS = f"""
SELECT v."ProductID", v.options, v."Active", v."Inventory", {", ".join(f'v."{name}"' for name in VARIANT_COLUMNS)}
FROM json_to_recordset($2::json) AS c(product citext, options bigint[])
JOIN variants v ON v.marketplace_id = $1 AND v."ProductID" = c.product
 AND v.options @> c.options AND v.options <@ c.options
"""
SELLS_THAT = sells("CAST(:seller AS citext)")


@lru_cache(maxsize=8)
def _statement(seller: Seller, *, everything: bool) -> str:
    visible = 't."Active"' if everything else VISIBLE
    sells = f"({SELLS_THAT})" if seller == "supplier" else "true"
    columns = ", ".join(f't."{name}"' for name in PRODUCT_COLUMNS)
    return with_texts(f"""
SELECT {columns}, t."Active", t."IsParent", t."IsBundle", t."AutoForward", t."Inventory", t."VariantCount",
       ({visible}) AS visible, {sells} AS sold, {HAS_RECORDS} AS has_records, ({SHIP_FROM}) AS ship_from,
       ({price(seller)}) AS schedule, ({SPECS}) AS specs, ({CATALOG_EPOCH}) AS epoch
FROM products t
WHERE t.marketplace_id = :marketplace_id AND t."ID" = ANY(CAST((SELECT CAST(:products AS text[])) AS citext[]))
""")


async def read_facts(call: Call, order: OrderRow, product_ids: Iterable[str]) -> Facts:
    """The products of these IDs that exist. One statement, none for none; one more for a user that is not remembered, and
    where categories are hidden from it and so are products.
    """
    ids = sorted({product_id.lower() for product_id in product_ids})
    if not ids:
        return Facts()
    values: Values = {"marketplace_id": call.marketplace_id, "products": ids, "now": call.clock()}
    seller: Seller = "marketplace_first" if order["to_seller"] else "supplier"
    if not order["to_seller"]:
        values["seller"] = order["ToCompanyID"]
    if order["from_seller"]:
        values |= {"buyer": None, "groups": NONE, "currency": order["Currency"]}
        return _facts(await _fetch(call, _statement(seller, everything=True), values))
    memory = services(call).memory(AudienceMemory)

    async def of_shopper(shopper: Shopper) -> Facts:
        shown = values | scope_in_texts(shopper, shopper.audience.tokens(None))
        rows = await _fetch(call, _statement(seller, everything=False), without_long(shown) or shown)
        if without_long(shown) and not all(row["visible"] for row in rows):
            rows = await _fetch(call, _statement(seller, everything=False), shown)
        if rows:
            await memory.confirm(call, shopper, rows[0]["epoch"], lists=False)
        found = _facts(rows)
        found.discounts = shopper.discounts
        return found

    return await with_user(call, memory, order["user_key"], order["FromCompanyID"], of_shopper)


async def read_variants(call: Call, facts: Facts, wanted: Collection[tuple[str, frozenset[int]]]) -> None:
    """Add the variants of these products and combinations to the facts. One statement, none for none."""
    if not wanted:
        return
    sent = [{"product": product, "options": sorted(options)} for product, options in wanted]
    for row in await call.db.fetch(VARIANTS, call.marketplace_id, dump(sent)):
        key = (row["ProductID"].lower(), frozenset(row["options"]))
        facts.variants[key] = OrderedVariant(
            _wire(row, VARIANT_COLUMNS), row["Active"], load(row["Inventory"]) if row["Inventory"] else None
        )


async def _fetch(call: Call, sql: str, values: Values) -> list[Record]:
    text, names = numbered(sql)
    return await call.db.fetch(text, *(values[name] for name in names))


def _facts(rows: list[Record]) -> Facts:
    return Facts({row["ID"].lower(): _product(row) for row in rows})


def _product(row: Record) -> OrderedProduct:
    schedule = load(row["schedule"]) if row["schedule"] else None
    return OrderedProduct(
        wire=_wire(row, PRODUCT_COLUMNS),
        visible=row["visible"],
        sold=row["sold"],
        active=row["Active"],
        is_parent=row["IsParent"],
        is_bundle=row["IsBundle"],
        auto_forward=row["AutoForward"],
        supplier=row["DefaultSupplierID"],
        inventory=load(row["Inventory"]) if row["Inventory"] else None,
        has_records=row["has_records"],
        variant_count=row["VariantCount"],
        ship_from=load(row["ship_from"]) if row["ship_from"] else None,
        schedule_id=None if schedule is None else schedule["ID"],
        schedule=None if schedule is None else as_schedule(schedule),
        specs=tuple(_spec(each) for each in load(row["specs"])) if row["specs"] else (),
    )


def _wire(row: Record, names: tuple[str, ...]) -> Values:
    wire = {name: row[name] for name in names}
    wire["xp"] = load(wire["xp"]) if wire["xp"] else None
    return wire


def _decimal(number: Any) -> Decimal | None:
    # Whole numbers come out of JSON as int.
    return None if number is None else Decimal(number)


def _spec(wire: Values) -> Spec:
    options = [
        Option(option_id, value, number, is_text, markup_type, _decimal(markup))
        for option_id, value, number, is_text, markup_type, markup in wire.pop("options") or ()
    ]
    return Spec(**wire, options={option.id.lower(): option for option in options})

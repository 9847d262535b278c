"""What a product and its variants show of their stock while records exist: sums, kept on their rows (IRC-3, INV-2).

Records of one product change one after the other: whoever writes one holds the product's row until its unit ends, and
computes the sums from what the others have committed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from entrepot.engine.call import Call
from entrepot.engine.wire.json import dump, load
from entrepot.features.catalog.products.stock import note_stock
from entrepot.features.catalog.products.variants_stock import show_sum
from entrepot.kernel.clock import format_datetime

Values = dict[str, Any]

LOCK_PRODUCT = """
SELECT "Inventory", written_quantity FROM products WHERE marketplace_id = $1 AND "ID" = $2 FOR NO KEY UPDATE
"""
LOCK_VARIANT = """
SELECT "Inventory", written_quantity FROM variants
WHERE marketplace_id = $1 AND "ProductID" = $2 AND "ID" = $3 FOR NO KEY UPDATE
"""
OF_PRODUCT = """
SELECT count(*) AS records, sum("QuantityAvailable")::bigint AS total FROM inventory_records
WHERE marketplace_id = $1 AND "ProductID" = $2 AND "VariantID" IS NULL
"""
OF_VARIANT = """
SELECT count(*) AS records, sum("QuantityAvailable")::bigint AS total FROM inventory_records
WHERE marketplace_id = $1 AND "ProductID" = $2 AND "VariantID" = $3
"""
SHOW_ON_PRODUCT = """
UPDATE products SET "Inventory" = $3, written_quantity = $4 WHERE marketplace_id = $1 AND "ID" = $2
"""
SHOW_ON_VARIANT = """
UPDATE variants SET "Inventory" = $4, written_quantity = $5
WHERE marketplace_id = $1 AND "ProductID" = $2 AND "ID" = $3
"""
VARIANT_INVENTORY: Values = {"QuantityAvailable": None, "NotificationPoint": None, "LastUpdated": None}


@dataclass(frozen=True, slots=True)
class Stock:
    """What a locked row of a product or variant says of its stock."""

    inventory: Values | None
    written: int | None
    """The quantity that was written, while another one is shown."""


async def lock_product(call: Call, product_id: str) -> Stock:
    """Keep other writers of the product's stock out until the unit ends."""
    row = await call.db.fetchrow(LOCK_PRODUCT, call.marketplace_id, product_id)
    assert row is not None
    return Stock(_inventory(row["Inventory"]), row["written_quantity"])


async def follow_records(call: Call, product_id: str, variant_id: str | None, *, began: bool) -> None:
    """Show the sums after a record of the product, or of the variant, was written or deleted.

    began: it was made just now, so that the first record takes the place of the quantity that was written. The caller
    holds the product's row by then.
    """
    if variant_id is None:
        stock = await lock_product(call, product_id)
        found = await call.db.fetchrow(OF_PRODUCT, call.marketplace_id, product_id)
        assert found is not None
        shown = shown_stock(stock, found["records"], found["total"], began=began)
        inventory = _stamped(call, stock, shown)
        text = None if inventory is None else dump(inventory)
        await call.db.execute(SHOW_ON_PRODUCT, call.marketplace_id, product_id, text, shown.written)
        note_stock(call, product_id, None, stock.inventory, inventory)
        return
    row = await call.db.fetchrow(LOCK_VARIANT, call.marketplace_id, product_id, variant_id)
    found = await call.db.fetchrow(OF_VARIANT, call.marketplace_id, product_id, variant_id)
    assert row is not None
    assert found is not None
    of_variant = Stock(_inventory(row["Inventory"]) or dict(VARIANT_INVENTORY), row["written_quantity"])
    shown = shown_stock(of_variant, found["records"], found["total"], began=began)
    text = dump(_stamped(call, of_variant, shown))
    await call.db.execute(SHOW_ON_VARIANT, call.marketplace_id, product_id, variant_id, text, shown.written)
    note_stock(call, product_id, variant_id, of_variant.inventory, shown.inventory)
    await show_sum(call, product_id)


def shown_stock(stock: Stock, records: int, total: int | None, *, began: bool) -> Stock:
    """IRC-3: the sum while there are records; with the first one the written quantity steps back, with the last one
    gone it returns.
    """
    if stock.inventory is None:
        return stock
    if not records:
        return Stock(stock.inventory | {"QuantityAvailable": stock.written}, None)
    first = began and records == 1
    written = stock.inventory["QuantityAvailable"] if first else stock.written
    return Stock(stock.inventory | {"QuantityAvailable": total}, written)


def _stamped(call: Call, before: Stock, after: Stock) -> Values | None:
    """The inventory with its LastUpdated moved if the quantity has changed (INV-1)."""
    if before.inventory is None or after.inventory is None:
        return after.inventory
    if before.inventory["QuantityAvailable"] == after.inventory["QuantityAvailable"]:
        return after.inventory
    return after.inventory | {"LastUpdated": format_datetime(call.clock())}


def _inventory(text: str | None) -> Values | None:
    return None if text is None else load(text)

"""The inventory of variants as it is written, and the sum that their product shows (VAR-8, INV-2)."""

from __future__ import annotations

from typing import Any

from entrepot.engine.call import Call
from entrepot.engine.wire.json import dump, load
from entrepot.features.catalog.products.stock import OF_VARIANTS, note_stock
from entrepot.kernel.clock import format_datetime
from entrepot.kernel.errors import VariantInventoryError

Values = dict[str, Any]

LOCK_PRODUCT = 'SELECT "Inventory" FROM products WHERE marketplace_id = $1 AND "ID" = $2 FOR NO KEY UPDATE'
HAS_RECORDS = """
SELECT EXISTS (SELECT 1 FROM inventory_records
               WHERE marketplace_id = $1 AND "ProductID" = $2 AND "VariantID" = $3)
"""
SHOW = 'UPDATE products SET "Inventory" = $3 WHERE marketplace_id = $1 AND "ID" = $2'
WRITTEN = ("QuantityAvailable", "NotificationPoint")


async def settle_variant(call: Call, old: Values, new: Values) -> None:
    """Bring a variant's Inventory into its stored form. No statement where it does not change, else two.

    While there are records the shown quantity stays their sum, and the written one waits (IRC-3). Raises
    Variant.MustEnableInventory.
    """
    before, stock = old["Inventory"], new["Inventory"]
    if _written(before) == _written(stock):
        return
    product = await _inventory(call, old["ProductID"])
    counted = product is not None and product["Enabled"] and product["VariantLevelTracking"]
    # Nothing at all is what exports say of variants that count nothing, as of products (INV-1).
    if any(_written(stock)) and not counted:
        raise VariantInventoryError
    shown = None if before is None else before["QuantityAvailable"]
    wanted = None if stock is None else stock["QuantityAvailable"] or 0
    if await call.db.fetchval(HAS_RECORDS, call.marketplace_id, old["ProductID"], old["ID"]):
        stock = new["Inventory"] = dict(before or {}) | dict(stock or {}) | {"QuantityAvailable": shown}
        if wanted != shown:
            new["written_quantity"] = wanted
    elif stock is not None:
        stock["QuantityAvailable"] = wanted
        if wanted != shown:
            stock["LastUpdated"] = format_datetime(call.clock())


async def show_sum(call: Call, product_id: str) -> None:
    """The product's quantity after one of a variant has changed, where it is tracked by variant (INV-2)."""
    inventory = await _inventory(call, product_id)
    if not (inventory and inventory["VariantLevelTracking"]):
        return
    total = await call.db.fetchval(OF_VARIANTS, call.marketplace_id, product_id)
    if total != inventory["QuantityAvailable"]:
        changed = {"QuantityAvailable": total, "LastUpdated": format_datetime(call.clock())}
        await call.db.execute(SHOW, call.marketplace_id, product_id, dump(inventory | changed))
        note_stock(
            call, product_id, None, inventory, changed | {"NotificationPoint": inventory["NotificationPoint"]}
        )


async def _inventory(call: Call, product_id: str) -> Values | None:
    """The inventory of a product, which nobody else changes until the unit ends."""
    text = await call.db.fetchval(LOCK_PRODUCT, call.marketplace_id, product_id)
    inventory: Values | None = None if text is None else load(text)
    return inventory


def _written(stock: Values | None) -> list[Any]:
    return [] if stock is None else [stock[name] for name in WRITTEN]

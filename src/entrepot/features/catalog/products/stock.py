"""The inventory of a product as it is written (INV-1, INV-2); sums over records and variants are made elsewhere."""

from __future__ import annotations

from typing import Any

from entrepot.engine.call import Call
from entrepot.kernel.clock import format_datetime
from entrepot.kernel.errors import (
    ChangeVariantLevelTrackingError,
    InventoryDisabledError,
    SetVariantLevelTrackingError,
)

Values = dict[str, Any]

HAS_RECORDS = """
SELECT EXISTS (SELECT 1 FROM inventory_records WHERE marketplace_id = $1 AND "ProductID" = $2)
"""
OF_RECORDS = """
SELECT coalesce(sum("QuantityAvailable"), 0)::bigint FROM inventory_records
WHERE marketplace_id = $1 AND "ProductID" = $2 AND "VariantID" IS NULL
"""
OF_VARIANTS = """
SELECT coalesce(sum(CAST("Inventory" ->> 'QuantityAvailable' AS bigint)), 0)::bigint FROM variants
WHERE marketplace_id = $1 AND "ProductID" = $2
"""


async def settle_stock(call: Call, old: Values | None, new: Values) -> None:
    """Bring a product's Inventory into its stored form: the quantity that is shown, and when it changed.

    While records exist, what is written is kept apart and their sum stays on show (IRC-3). No statement unless the
    quantity or VariantLevelTracking of a stored product changes, then one or two.
    """
    await _check_tracking(call, old, new)
    before, stock = None if old is None else old["Inventory"], new["Inventory"]
    if stock is None:
        return
    shown = None if before is None else before["QuantityAvailable"]
    wanted = stock["QuantityAvailable"]
    # 0 is what the original shows of products that count nothing (INV-1).
    if wanted not in (None, 0, shown) and not stock["Enabled"]:
        raise InventoryDisabledError
    if wanted is None and stock["Enabled"]:
        wanted = 0
    if stock["VariantLevelTracking"]:
        stock["QuantityAvailable"] = await _tracked(call, old, shown)
    elif old is not None and wanted != shown and await has_records(call, old["ID"]):
        new["written_quantity"] = wanted
        stock["QuantityAvailable"] = (
            shown if before else await call.db.fetchval(OF_RECORDS, call.marketplace_id, old["ID"])
        )
    else:
        stock["QuantityAvailable"] = wanted
    if before is None or stock["QuantityAvailable"] != shown:
        stock["LastUpdated"] = format_datetime(call.clock())


def note_stock(
    call: Call, product_id: str, variant_id: str | None, before: Values | None, after: Values | None
) -> None:
    """Note that the shown quantity of a product or a variant has become another one (INV-1)."""
    was, is_now, point = (
        None if inventory is None else inventory.get(name)
        for inventory, name in (
            (before, "QuantityAvailable"),
            (after, "QuantityAvailable"),
            (after, "NotificationPoint"),
        )
    )
    call.moved(product_id, variant_id, None, was, is_now, point)


async def has_records(call: Call, product_id: str) -> bool:
    """Whether the product or any of its variants has inventory records."""
    return bool(await call.db.fetchval(HAS_RECORDS, call.marketplace_id, product_id))


async def _tracked(call: Call, old: Values | None, shown: int | None) -> int | None:
    """The sum over variants (INV-2), which stands on the row as long as the flag does."""
    if old is None:
        return 0
    if _tracks(old):
        return shown
    total: int = await call.db.fetchval(OF_VARIANTS, call.marketplace_id, old["ID"])
    return total


async def _check_tracking(call: Call, old: Values | None, new: Values) -> None:
    if _tracks(new) and (new["IsParent"] or new["ParentID"]):
        raise SetVariantLevelTrackingError
    if old is not None and _tracks(old) is not _tracks(new) and await has_records(call, old["ID"]):
        raise ChangeVariantLevelTrackingError


def _tracks(product: Values) -> bool:
    return bool(product["Inventory"] and product["Inventory"]["VariantLevelTracking"])

"""Rules of single variants (VAR-6, VAR-8)."""

from __future__ import annotations

from typing import Any

from entrepot.engine.call import Call
from entrepot.features.catalog.products.stock import note_stock
from entrepot.features.catalog.products.variants_stock import settle_variant, show_sum
from entrepot.features.people.ownership import BelowOwnedHooks
from entrepot.kernel.errors import ModifyProductError, NotFoundError

Values = dict[str, Any]

OWNER = 'SELECT p."OwnerID" FROM products p WHERE p.marketplace_id = $1 AND p."ID" = $2'


class VariantHooks(BelowOwnedHooks):
    """Variants are made together with others, never one by one; the product's owner changes them."""

    def __init__(self) -> None:
        super().__init__(ModifyProductError, OWNER, "productID")

    async def check_write(self, call: Call, old: Values | None, new: Values) -> None:
        if old is None:
            raise NotFoundError("Variant", call.path["variantID"])
        await super().check_write(call, old, new)
        await settle_variant(call, old, new)

    async def after_write(self, call: Call, old: Values | None, new: Values) -> None:
        assert old is not None
        note_stock(call, old["ProductID"], new["ID"], old["Inventory"], new["Inventory"])
        if _quantity(old) != _quantity(new):
            await show_sum(call, old["ProductID"])


def _quantity(variant: Values) -> Any:
    return (variant["Inventory"] or {}).get("QuantityAvailable")

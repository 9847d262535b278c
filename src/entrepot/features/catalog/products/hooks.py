"""Rules of products (catalog spec section 6)."""

from __future__ import annotations

from typing import Any

from entrepot.engine.call import Call
from entrepot.engine.rows import changed
from entrepot.features.catalog.audience.tokens import refresh_products
from entrepot.features.catalog.products import family
from entrepot.features.catalog.products.counts import count_specs
from entrepot.features.catalog.products.sellers import relate
from entrepot.features.catalog.products.stock import note_stock, settle_stock
from entrepot.features.people.ownership import OwnedHooks
from entrepot.kernel.errors import (
    AutoForwardingUserError,
    DeleteBundledProductError,
    DeleteParentProductError,
    ModifyAllSuppliersCanSellError,
    ModifyProductError,
    NotFoundError,
    PropertyError,
    ValidationError,
)

Values = dict[str, Any]

ADDRESS = "ShipFromAddressID"
FIND_ADDRESS = """
SELECT ad.key FROM addresses ad
WHERE ad.marketplace_id = $1 AND ad."ID" = $2 AND ad."BuyerID" IS NULL AND ad.user_key IS NULL
  AND (ad."SupplierID" IS NULL OR ad."SupplierID" = $3::citext OR ad."SupplierID" = $4::citext)
ORDER BY ad.key = $5::bigint DESC NULLS LAST, ad."SupplierID" = $3::citext DESC NULLS LAST,
         ad."SupplierID" IS NULL
LIMIT 1
"""
"""PRD-2. Addresses of several companies may have the same ID: the one it has been, the owner's, the default supplier's,
the seller's."""
AUTO_FORWARDING_USER = """
SELECT EXISTS (SELECT 1 FROM marketplaces mp
               JOIN users u ON u.marketplace_id = $1 AND u.key = mp.auto_forwarding_user_key
               WHERE mp.marketplace_id = $1 AND u."BuyerID" IS NULL AND u."SupplierID" IS NULL)
"""
IN_BUNDLE = """
SELECT EXISTS (SELECT 1 FROM bundle_product_assignments WHERE marketplace_id = $1 AND "ProductID" = $2)
"""
OWNER_OF_PRICE = 'SELECT "OwnerID" FROM price_schedules WHERE marketplace_id = $1 AND "ID" = $2'


class ProductHooks(OwnedHooks):
    """PRD-1 to PRD-6, INV-1, INV-2, SUP-5."""

    shows = (family.PARENTS_PRICE,)

    def __init__(self) -> None:
        super().__init__(ModifyProductError)

    def present(self, call: Call, item: Values) -> None:
        """A child without a price of its own shows its parent's."""
        inherited = item.pop(family.PARENTS_PRICE)
        if item[family.PRICE] is None:
            item[family.PRICE] = inherited

    def written(self, row: Values) -> Values:
        """PRD-6: what a child has set, not what it shows."""
        return family.as_written(row)

    async def check_write(self, call: Call, old: Values | None, new: Values) -> None:
        await super().check_write(call, old, new)
        if new["AllSuppliersCanSell"] and new["OwnerID"].lower() != call.principal.marketplace.lower():
            raise ModifyAllSuppliersCanSellError
        family.check_kind(old, new)
        await family.check_children_stay(call, old, new)
        _check_supplier(call, old, new)
        await _check_price(call, old, new)
        parent = await family.parent_of(call, new)
        if parent is not None and call.operation.verb != "PATCH" and not _names(call, "QuantityMultiplier"):
            new["QuantityMultiplier"] = None
        await settle_stock(call, old, new)
        supplier = new[family.SUPPLIER] or (None if parent is None else parent[family.SUPPLIER])
        await _check_forwarding(call, old, new, supplier)
        await _settle_address(call, old, new, supplier)
        family.settle(new, parent)

    async def after_write(self, call: Call, old: Values | None, new: Values) -> None:
        note_stock(call, new["ID"], None, None if old is None else old["Inventory"], new["Inventory"])
        supplier = family.as_written(new)[family.SUPPLIER]
        if supplier and (old is None or supplier != family.as_written(old)[family.SUPPLIER]):
            await relate(call, new["ID"], supplier)
        if old is not None and old["IsParent"] and _differ(old, new, (*family.MERGED, family.PRICE)):
            await family.settle_children(call, new)
        if new["ParentID"] != (None if old is None else old["ParentID"]):
            await refresh_products(call, [new["ID"]])
            await count_specs(call, [new["ID"]])

    async def check_delete(self, call: Call, old: Values) -> None:
        await super().check_delete(call, old)
        if old["IsParent"] and await family.has_children(call, old["ID"]):
            raise DeleteParentProductError
        if await call.db.fetchval(IN_BUNDLE, call.marketplace_id, old["ID"]):
            raise DeleteBundledProductError


def _differ(old: Values, new: Values, names: tuple[str, ...]) -> bool:
    return any(changed(new.get(name), old.get(name)) for name in names)


def _names(call: Call, name: str) -> bool:
    return any(each.lower() == name.lower() for each in call.body)


def _check_supplier(call: Call, old: Values | None, new: Values) -> None:
    """To a supplier other suppliers do not exist (ORG-2)."""
    own, supplier = call.principal.supplier_id, new[family.SUPPLIER]
    if own is None or not supplier or (old is not None and old[family.SUPPLIER] == supplier):
        return
    if supplier.lower() != own.lower():
        raise NotFoundError("Supplier", supplier)


async def _check_price(call: Call, old: Values | None, new: Values) -> None:
    """To a supplier the price schedules of other suppliers do not exist."""
    supplier, price = call.principal.supplier_id, new[family.PRICE]
    if supplier is None or not price or (old is not None and old[family.PRICE] == price):
        return
    owner = await call.db.fetchval(OWNER_OF_PRICE, call.marketplace_id, price)
    if owner is None or owner.lower() not in (supplier.lower(), call.principal.marketplace.lower()):
        raise NotFoundError("PriceSchedule", price)


async def _check_forwarding(call: Call, old: Values | None, new: Values, supplier: str | None) -> None:
    if not new["AutoForward"]:
        return
    if not supplier:
        message = "DefaultSupplierID is required where AutoForward is true."
        raise ValidationError(PropertyError(message, {"Property": family.SUPPLIER}))
    if old is not None and old["AutoForward"]:
        return
    if not await call.db.fetchval(AUTO_FORWARDING_USER, call.marketplace_id):
        raise AutoForwardingUserError


async def _settle_address(call: Call, old: Values | None, new: Values, supplier: str | None) -> None:
    """From the address's ID to its key; a PUT without one clears it, a PATCH without one keeps it."""
    if ADDRESS not in new and call.operation.verb == "PATCH":
        return
    address, key = new.pop(ADDRESS, None), None
    if address:
        key = await call.db.fetchval(
            FIND_ADDRESS,
            call.marketplace_id,
            address,
            new["OwnerID"],
            supplier,
            None if old is None else old["ship_from_key"],
        )
        if key is None:
            raise NotFoundError("Address", address)
    new["ship_from_key"] = key

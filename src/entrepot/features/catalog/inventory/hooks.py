"""Rules of inventory records (catalog spec section 12)."""

from __future__ import annotations

from typing import Any

from entrepot.declare.assignment import AssignmentHooks
from entrepot.domain.orders.status import UNDER_WAY
from entrepot.engine.call import Call
from entrepot.engine.query import parameters
from entrepot.engine.statements import texts
from entrepot.features.catalog.inventory.quantities import LOCK_PRODUCT, follow_records, lock_product
from entrepot.features.catalog.products.sellers import sells
from entrepot.features.people.ownership import OwnedHooks
from entrepot.kernel.errors import (
    ModifyProductError,
    NotFoundError,
    ProductInventoryMissingError,
    RecordOnOpenOrdersError,
    RecordsOfOtherLevelError,
    VariantLevelTrackingError,
)
from entrepot.kernel.sql import Sql

Values = dict[str, Any]

OF_OTHER_LEVEL = """
SELECT EXISTS (SELECT 1 FROM inventory_records r
               WHERE r.marketplace_id = $1 AND r."ProductID" = $2 AND (r."VariantID" IS NULL) = $3::boolean)
"""
ADDRESS_OF_OWNER = """
SELECT key FROM addresses
WHERE marketplace_id = $1 AND "ID" = $2 AND "BuyerID" IS NULL AND user_key IS NULL
  AND "SupplierID" IS NOT DISTINCT FROM $3::citext FOR SHARE
"""
"""Locked, so that it is not deleted before the record stands (ADR-4)."""
IS_SELLER = Sql(f"""
SELECT EXISTS (SELECT 1 FROM products t WHERE t.marketplace_id = :marketplace_id AND t."ID" = :product
                 AND ({sells()}))
""").bound("marketplace_id", "product", "company")
ON_OPEN_ORDERS = f"""
SELECT EXISTS (SELECT 1 FROM line_items l
               JOIN orders o ON o.marketplace_id = $1 AND o.key = l.order_key
               WHERE l.marketplace_id = $1 AND l."ProductID" = $2 AND l."InventoryRecordID" = $3
                 AND ($4::citext IS NULL OR CAST(l."Variant" ->> 'ID' AS citext) = $4::citext)
                 AND o."Status" IN ({texts(UNDER_WAY)}))
"""
OWNERS_OF_RECORD = """
SELECT r."OwnerID", p."OwnerID" AS of_product FROM inventory_records r
JOIN products p ON p.marketplace_id = $1 AND p."ID" = r."ProductID"
WHERE r.marketplace_id = $1 AND r.key = $2
"""


class InventoryRecordHooks(OwnedHooks):
    """Owner (ORG-3, ORG-4), level (IRC-1), address (IRC-2) and the sums (IRC-3).

    A supplier keeps records of what it sells (SUP-4).
    """

    shows = ("key",)

    def __init__(self) -> None:
        super().__init__(ModifyProductError)

    def present(self, call: Call, item: Values) -> None:
        """IRC-7: lists show the addresses unless they are told not to."""
        del item["key"]
        if "includeaddress" in call.query.lower() and parameters(call).get("includeAddress") is False:
            item["Address"] = None

    async def lock_first(self, call: Call) -> None:
        """The product, as those do who take stock for an order."""
        await call.db.execute(LOCK_PRODUCT, call.marketplace_id, call.path["productID"])

    async def check_write(self, call: Call, old: Values | None, new: Values) -> None:
        await super().check_write(call, old, new)
        if old is None:
            await _require_seller(call, new["ProductID"])
            await _require_level(call, new["ProductID"], of_variant=new.get("VariantID") is not None)
        if "AddressID" in new:
            new["address_key"] = await _address_key(call, new["AddressID"], new["OwnerID"])
        if _is_moved(old, new):
            new["LastUpdated"] = call.clock()

    async def after_write(self, call: Call, old: Values | None, new: Values) -> None:
        if _is_moved(old, new):
            _note(call, new, None if old is None else old["QuantityAvailable"], new["QuantityAvailable"])
            await follow_records(call, new["ProductID"], new.get("VariantID"), began=old is None)

    async def check_delete(self, call: Call, old: Values) -> None:
        """IRC-7"""
        await super().check_delete(call, old)
        line = (call.marketplace_id, old["ProductID"], old["ID"], old["VariantID"])
        if await call.db.fetchval(ON_OPEN_ORDERS, *line):
            raise RecordOnOpenOrdersError

    async def after_delete(self, call: Call, old: Values) -> None:
        _note(call, old, old["QuantityAvailable"], None)
        await follow_records(call, old["ProductID"], old["VariantID"], began=False)


class RecordAssignmentHooks(AssignmentHooks):
    """A supplier assigns its own records; those that others keep of its products it sees only."""

    async def check_write(self, call: Call, old: Values | None, new: Values) -> None:
        await _require_owner(call, new["record_key"], new["InventoryRecordID"])

    async def check_delete(self, call: Call, old: Values) -> None:
        await _require_owner(call, old["record_key"], call.path["inventoryRecordID"])


def _note(call: Call, record: Values, before: int | None, after: int | None) -> None:
    where = (record["ProductID"], record.get("VariantID"), record["ID"])
    call.moved(*where, before, after, record["NotificationPoint"])


def _is_moved(old: Values | None, new: Values) -> bool:
    return old is None or old["QuantityAvailable"] != new["QuantityAvailable"]


async def _require_seller(call: Call, product: str) -> None:
    supplier = call.principal.supplier_id
    if supplier is not None and not await call.db.fetchval(IS_SELLER, call.marketplace_id, product, supplier):
        raise ModifyProductError


async def _require_level(call: Call, product: str, *, of_variant: bool) -> None:
    """IRC-1. The product stays locked: its flag does not change under the new record."""
    inventory = (await lock_product(call, product)).inventory
    if inventory is None:
        raise ProductInventoryMissingError
    if await call.db.fetchval(OF_OTHER_LEVEL, call.marketplace_id, product, of_variant):
        raise RecordsOfOtherLevelError
    if inventory["VariantLevelTracking"] != of_variant:
        raise VariantLevelTrackingError


async def _address_key(call: Call, address: str, owner: str) -> int:
    supplier = None if owner.lower() == call.principal.marketplace.lower() else owner
    key: int | None = await call.db.fetchval(ADDRESS_OF_OWNER, call.marketplace_id, address, supplier)
    if key is None:
        raise NotFoundError("Address", address)
    return key


async def _require_owner(call: Call, record_key: int, record: str) -> None:
    supplier = call.principal.supplier_id
    if supplier is None:
        return
    row = await call.db.fetchrow(OWNERS_OF_RECORD, call.marketplace_id, record_key)
    owner, of_product = (row["OwnerID"], row["of_product"]) if row else ("", "")
    if owner.lower() == supplier.lower():
        return
    if of_product.lower() == supplier.lower():
        raise ModifyProductError
    raise NotFoundError("InventoryRecord", record)

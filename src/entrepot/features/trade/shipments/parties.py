"""Whom a shipment may name: the buyer that it is for, and where it comes from and goes to (SHP-1, SHP-4)."""

from __future__ import annotations

from typing import Any

from entrepot.declare.roles import FULL_ACCESS
from entrepot.engine.call import Call
from entrepot.engine.wire.json import load
from entrepot.features.catalog.inventory.address_text import address_object
from entrepot.features.people.organizations.serving import serves
from entrepot.features.trade.orders.lines.ship_from import PRIVATE
from entrepot.kernel.errors import NotFoundError
from entrepot.kernel.sql import Sql

Values = dict[str, Any]

FROM_ADDRESS = f"""
SELECT ad."ID", {address_object("ad")} AS wire FROM addresses ad
WHERE ad.marketplace_id = $1 AND ad."ID" = $2 AND ad."BuyerID" IS NULL AND ad.user_key IS NULL
  AND (ad."SupplierID" = $3 OR ad."SupplierID" IS NULL)
ORDER BY ad."SupplierID" IS NULL LIMIT 1
"""
"""An address of the owner, or of the marketplace owner."""


def between(supplier: str, buyer: str) -> Sql:
    """That a supplier has received an order of a buyer, by whatever way it came."""
    return Sql(f"""EXISTS (
    SELECT 1 FROM orders o LEFT JOIN orders origin ON origin.marketplace_id = :marketplace_id AND origin.key = o.origin_key
    WHERE o.marketplace_id = :marketplace_id AND NOT o.to_seller AND o."ToCompanyID" = {supplier} AND o."IsSubmitted"
      AND NOT coalesce(origin.from_seller, o.from_seller)
      AND coalesce(origin."FromCompanyID", o."FromCompanyID") = {buyer})""")


MAY_SHIP_TO = Sql(f"""
SELECT {serves("s", ":buyer")} OR {between(":supplier", ":buyer")}
FROM suppliers s WHERE s.marketplace_id = :marketplace_id AND s."ID" = :supplier
""").bound("marketplace_id", "supplier", "buyer")
NAMED = Sql("""
    SELECT coalesce(origin.user_key, o.user_key) AS user_key FROM line_items l
    JOIN orders o ON o.marketplace_id = :marketplace_id AND o.key = l.order_key
    LEFT JOIN orders origin ON origin.marketplace_id = :marketplace_id AND origin.key = o.origin_key
    WHERE l.marketplace_id = :marketplace_id AND l."ShippingAddressID" = :address
      AND NOT coalesce(origin.from_seller, o.from_seller)
      AND coalesce(origin."FromCompanyID", o."FromCompanyID") = :buyer
      AND (:supplier::citext IS NULL OR NOT o.to_seller AND o."ToCompanyID" = :supplier AND o."IsSubmitted")""")
"""The users of orders of `:buyer` with a line that goes to an address of the ID `:address`: of those that `:supplier` has
received, or of all.
"""
COLUMNS = f'ad."ID", {address_object("ad")} AS wire'
TO_ADDRESS = Sql(f"""
WITH named AS MATERIALIZED ({NAMED})
SELECT {COLUMNS}, EXISTS (SELECT 1 FROM named) AS named FROM addresses ad
WHERE ad.marketplace_id = :marketplace_id AND ad."ID" = :address AND ad."BuyerID" = :buyer
  AND (:supplier::citext IS NULL OR EXISTS (SELECT 1 FROM named) OR {between(":supplier", ":buyer")})
UNION ALL
SELECT {COLUMNS}, true FROM addresses ad
WHERE ad.marketplace_id = :marketplace_id AND ad."ID" = :address AND ad.user_key = ANY (ARRAY(SELECT user_key FROM named))
LIMIT 1
""").bound("marketplace_id", "address", "buyer", "supplier")
"""An address of the buyer, or one that a user of its made and an order names (SHP-4)."""
READERS = (FULL_ACCESS, "AddressAdmin", "AddressReader")


async def check_buyer(call: Call, buyer: str) -> None:
    """404 for a supplier that neither serves the buyer nor has an order of it. No statement for the marketplace owner."""
    supplier = call.principal.supplier_id
    if supplier is not None and not await call.db.fetchval(MAY_SHIP_TO, call.marketplace_id, supplier, buyer):
        raise NotFoundError("Buyer", buyer)


async def from_address(call: Call, shipment: Values, address_id: str) -> tuple[str, Values]:
    """The stored ID and the copy of an address to ship from; 404."""
    row = await call.db.fetchrow(FROM_ADDRESS, call.marketplace_id, address_id, shipment["OwnerID"])
    if row is None:
        raise NotFoundError("Address", address_id)
    return row["ID"], load(row["wire"])


async def to_address(call: Call, shipment: Values, address_id: str) -> tuple[str, Values]:
    """The same of one to ship to. A supplier needs an order of the buyer, and sees the whole of an address that its order
    names or that its roles read.
    """
    supplier = call.principal.supplier_id
    row = await call.db.fetchrow(TO_ADDRESS, call.marketplace_id, address_id, shipment["BuyerID"], supplier)
    if row is None:
        raise NotFoundError("Address", address_id)
    copy: Values = load(row["wire"])
    if supplier is not None and not row["named"] and not call.principal.holds_any(READERS):
        copy |= dict.fromkeys(PRIVATE)
    return row["ID"], copy

"""Where the goods of a line come from (LI-4): an address of a company that may have them, as far as the caller may see it."""

from __future__ import annotations

from typing import Any

from entrepot.declare.roles import FULL_ACCESS
from entrepot.engine.call import Call
from entrepot.engine.wire.json import load
from entrepot.features.catalog.inventory.address_text import address_object
from entrepot.features.trade.orders.rows import OrderRow
from entrepot.kernel.errors import NotFoundError
from entrepot.kernel.user_types import UserType

Values = dict[str, Any]

FIND = f"""
SELECT ad."ID", {address_object("ad")} AS wire, ad."SupplierID", ad.key = p.ship_from_key AS products_own
FROM addresses ad
LEFT JOIN products p ON p.marketplace_id = $1 AND p."ID" = $3
WHERE ad.marketplace_id = $1 AND ad."ID" = $2 AND ad."BuyerID" IS NULL AND ad.user_key IS NULL
  AND ($6 OR ad."SupplierID" IS NULL OR ad."SupplierID" IN (p."DefaultSupplierID", $4, $5) OR ad.key = p.ship_from_key
       OR EXISTS (SELECT 1 FROM inventory_records r
                  WHERE r.marketplace_id = $1 AND r."ProductID" IN (p."ID", p."ParentID") AND r.address_key = ad.key))
ORDER BY ad."SupplierID" IS NOT DISTINCT FROM p."DefaultSupplierID" DESC, ad."SupplierID" IS NULL DESC LIMIT 1
"""
"""$1 marketplace, $2 ID, $3 product, $4 whom the order goes to, $5 the caller's company, $6 whether it sees every address.
The address is the marketplace owner's, the line's supplier's (who comes first), or one where the product lies.
"""
PRIVATE = ("FirstName", "LastName", "Phone", "xp")
"""What a copy tells only to those that may read the address itself."""
READERS = {
    True: (FULL_ACCESS, "SupplierAddressAdmin", "SupplierAddressReader"),
    False: (FULL_ACCESS, "AdminAddressAdmin", "AdminAddressReader"),
}
"""The roles that read an address, by whether it is a supplier's."""


async def ship_from(call: Call, order: OrderRow, product: str, address_id: str) -> tuple[str, Values]:
    """The stored ID and the copy of an address that a line of this product may come from; 404 Address for any other.

    What the product itself names comes whole, as it does to a line that names nothing.
    """
    caller = call.principal
    row = await call.db.fetchrow(
        FIND,
        call.marketplace_id,
        address_id,
        product,
        order["ToCompanyID"],
        caller.company_id,
        caller.user_type is UserType.SELLER,
    )
    if row is None:
        raise NotFoundError("Address", address_id)
    copy: Values = load(row["wire"])
    if not (row["products_own"] or _reads(call, row["SupplierID"])):
        copy |= dict.fromkeys(PRIVATE)
    return row["ID"], copy


def _reads(call: Call, supplier: str | None) -> bool:
    """Whether the caller may read the address: its own company's, or by its roles."""
    caller = call.principal
    owner = supplier or caller.marketplace
    return owner.lower() == caller.company_id.lower() or caller.holds_any(READERS[supplier is not None])

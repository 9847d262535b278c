"""Addresses on orders: by ID they follow an address that the user has, one-time ones are copies (ADR-1 to ADR-3)."""

from __future__ import annotations

from typing import Any

from entrepot.engine.call import Call
from entrepot.engine.wire.json import load
from entrepot.engine.wire.merge import merge
from entrepot.features.company_assets.reach import rows_of_thing
from entrepot.features.company_assets.resources import ADDRESS_ASSIGNMENTS, Address
from entrepot.features.inventory.address_text import address_object
from entrepot.kernel.errors import NoShippingAddressError, NotFoundError

Values = dict[str, Any]

REACHING = rows_of_thing(ADDRESS_ASSIGNMENTS)
FIND = (
    f"""
SELECT t."ID", {address_object("t")} AS wire, t.user_key IS NOT NULL AS own,
       (SELECT bool_or(a."IsShipping") {REACHING}) AS shipping,
       (SELECT bool_or(a."IsBilling") {REACHING}) AS billing
FROM addresses t
WHERE t.marketplace_id = {{m}} AND t."ID" = :id
  AND (t.user_key = :caller OR t."BuyerID" = :buyer
       OR (:buyer::citext IS NULL AND t."BuyerID" IS NULL AND t."SupplierID" IS NULL AND t.user_key IS NULL))
ORDER BY t.user_key IS NULL LIMIT 1
""".replace("{m}", "$1")
    .replace(":id", "$2")
    .replace(":caller", "$3")
    .replace(":buyer", "$4")
)
"""The address as the user of an order may use it; orders of the marketplace owner take its own addresses."""


async def shipping_address(call: Call, order: Values, address_id: str) -> tuple[str, Values]:
    """The stored ID and the copy of an address to ship to. 404 Address, Address.IsNotShippingAddress."""
    return await _find(call, order, address_id, "shipping")


async def billing_address(call: Call, order: Values, address_id: str) -> tuple[str, Values]:
    """The same of an address to bill to; one that is none does not exist for the order (ADR-2)."""
    return await _find(call, order, address_id, "billing")


async def _find(call: Call, order: Values, address_id: str, purpose: str) -> tuple[str, Values]:
    from_company = str(order["FromCompanyID"])
    buyer = None if from_company.lower() == call.principal.marketplace.lower() else from_company
    row = await call.db.fetchrow(FIND, call.marketplace_id, address_id, order["user_key"], buyer)
    if row is None:
        raise NotFoundError("Address", address_id)
    if not (row["own"] or row[purpose] or buyer is None):
        if purpose == "shipping":
            raise NoShippingAddressError({"AddressID": row["ID"]})
        raise NotFoundError("Address", address_id)
    return row["ID"], load(row["wire"])


def one_time(values: Values) -> Values:
    """A body's complete address as a copy of its own: without an ID (ADR-3)."""
    return {name: values.get(name) for name in Address.__columns__} | {"ID": None, "DateCreated": None}


def changed(copy: Values, changes: Values) -> Values:
    """A copy with a partial body's changes; its ID stays."""
    merged = merge(Address, copy, {name: value for name, value in changes.items() if name != "ID"})
    return {name: merged.get(name) for name in Address.__columns__}

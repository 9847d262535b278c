"""Addresses on orders: by ID they follow an address that the user has, one-time ones are copies (ADR-1 to ADR-3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from entrepot.engine.call import Call
from entrepot.engine.wire.json import load
from entrepot.engine.wire.merge import merge
from entrepot.engine.wire.models import validate
from entrepot.features.catalog.inventory.address_text import address_object
from entrepot.features.people.company_assets.reach import rows_of_thing
from entrepot.features.people.company_assets.resources import ADDRESS_ASSIGNMENTS, Address
from entrepot.features.trade.orders.companies import buyer_of
from entrepot.features.trade.orders.rows import OrderRow
from entrepot.kernel.errors import (
    ApiError,
    BillingAddressByIdError,
    BillingAddressMissingError,
    NoShippingAddressError,
    NotFoundError,
    PatchLineAddressError,
    ShippingAddressByIdError,
    ShippingAddressMissingError,
)
from entrepot.kernel.sql import Sql

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class AddressPlace:
    """Where an order or a line keeps an address: its ID and its copy; and what refuses changes of the copy."""

    id: str
    copy: str
    missing: type[ApiError]
    by_id: type[ApiError]


BILLING = AddressPlace(
    "BillingAddressID", "BillingAddress", BillingAddressMissingError, BillingAddressByIdError
)
SHIPPING = AddressPlace(
    "ShippingAddressID", "shipping_address", ShippingAddressMissingError, ShippingAddressByIdError
)
SHIPPING_OF_LINE = AddressPlace(
    "ShippingAddressID", "ShippingAddress", PatchLineAddressError, ShippingAddressByIdError
)

REACHING = rows_of_thing(ADDRESS_ASSIGNMENTS)
FIND = Sql(f"""
SELECT t."ID", {address_object("t")} AS wire, t.user_key IS NOT NULL AS own,
       (SELECT bool_or(a."IsShipping") {REACHING}) AS shipping,
       (SELECT bool_or(a."IsBilling") {REACHING}) AS billing
FROM addresses t
WHERE t.marketplace_id = :marketplace_id AND t."ID" = :id
  AND (t.user_key = :caller OR t."BuyerID" = :buyer
       OR (:buyer::citext IS NULL AND t."BuyerID" IS NULL AND t."SupplierID" IS NULL AND t.user_key IS NULL))
ORDER BY t.user_key IS NULL LIMIT 1
""").bound("marketplace_id", "id", "caller", "buyer")
"""The address as the user of an order may use it; orders of the marketplace owner take its own addresses."""


async def shipping_address(call: Call, order: OrderRow, address_id: str) -> tuple[str, Values]:
    """The stored ID and the copy of an address to ship to. 404 Address, Address.IsNotShippingAddress."""
    return await _find(call, order, address_id, "shipping")


async def billing_address(call: Call, order: OrderRow, address_id: str) -> tuple[str, Values]:
    """The same of an address to bill to; one that is none does not exist for the order (ADR-2)."""
    return await _find(call, order, address_id, "billing")


async def _find(call: Call, order: OrderRow, address_id: str, purpose: str) -> tuple[str, Values]:
    buyer = buyer_of(order)
    row = await call.db.fetchrow(FIND, call.marketplace_id, address_id, order["user_key"], buyer)
    if row is None:
        raise NotFoundError("Address", address_id)
    if not (row["own"] or row[purpose] or buyer is None):
        if purpose == "shipping":
            raise NoShippingAddressError({"AddressID": row["ID"]})
        raise NotFoundError("Address", address_id)
    return row["ID"], load(row["wire"])


def read_one_time(call: Call) -> Values:
    """The address in the body as a copy of its own: without an ID (ADR-3)."""
    values = validate(Address, call.body, partial=False)
    return {name: values.get(name) for name in Address.__columns__} | {"ID": None, "DateCreated": None}


def change_copy(call: Call, row: Values, place: AddressPlace, *, unsubmitted: bool) -> None:
    """Make the changes in the body to a row's copy, whose ID stays. Until the submit a copy that was set by its ID is not
    changed (ADR-3, LI-8).
    """
    changes = validate(Address, call.body, partial=True)
    if row[place.copy] is None:
        raise place.missing
    if row[place.id] and unsubmitted:
        raise place.by_id
    merged = merge(Address, row[place.copy], {name: each for name, each in changes.items() if name != "ID"})
    row[place.copy] = {name: merged.get(name) for name in Address.__columns__}

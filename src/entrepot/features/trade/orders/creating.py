"""Orders come into being (ORD-10 to ORD-18)."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, cast

from entrepot.declare.roles import FULL_ACCESS
from entrepot.domain.orders.status import OrderEvent
from entrepot.engine.call import Call
from entrepot.engine.incrementors import fill_incrementors
from entrepot.engine.wire.models import check_xp_size
from entrepot.engine.wire.refusals import required
from entrepot.features.trade.orders import addresses, people
from entrepot.features.trade.orders.models.enums import OrderDirection
from entrepot.features.trade.orders.models.orders import Order
from entrepot.features.trade.orders.people import Person
from entrepot.features.trade.orders.resources import ORDER
from entrepot.features.trade.orders.rows import OrderRow, by_name
from entrepot.features.trade.orders.store import insert_order
from entrepot.features.trade.orders.transitions import begin
from entrepot.kernel.errors import (
    AllNotFoundError,
    ApiError,
    BuyerUserNotFoundError,
    IncomingOrderUserError,
    NotFoundError,
    OverrideShippingError,
    OverrideTaxError,
    PropertyError,
    UserTypeError,
    ValidationError,
)
from entrepot.kernel.money import round_money
from entrepot.kernel.user_types import UserType

Values = dict[str, Any]
NOTHING = Decimal(0)
OVERRIDES: tuple[tuple[str, str, type[ApiError]], ...] = (
    ("ShippingCost", "OverrideShipping", OverrideShippingError),
    ("TaxCost", "OverrideTax", OverrideTaxError),
)
"""ORD-16: a cost, the role that it takes, the refusal."""


async def create_order(call: Call, direction: OrderDirection, values: Values) -> OrderRow:
    """The stored order made of a body's `values`; its statements are those of the user, the receiver, an address by ID
    each, and the row.
    """
    sender = await _sender(call, direction, values)
    caller = call.principal
    buyer = None if sender.is_seller else sender.company
    incoming = direction is OrderDirection.INCOMING
    wanted = caller.company_id if incoming and buyer is not None else values["ToCompanyID"]
    if buyer is None and not wanted:
        raise ValidationError(required("ToCompanyID"))
    if buyer is None and wanted.lower() == caller.marketplace.lower():
        raise NotFoundError("Supplier", wanted)
    receiver = await people.receiver(call, wanted, buyer)
    order = blank_order()
    order |= {
        "BillingAddressID": values["BillingAddressID"],
        "ShippingAddressID": values["ShippingAddressID"],
        "Comments": values["Comments"],
        "xp": values["xp"],
        "ID": await _new_id(call, values["ID"]),
        "FromUser": sender.wire,
        "FromUserID": sender.id,
        "FromCompanyID": sender.company,
        "ToCompanyID": receiver.id,
        "from_seller": sender.is_seller,
        "to_seller": receiver.is_seller,
        "Currency": sender.currency,
        "user_key": sender.key,
        "guest": caller.is_guest,
    }
    begin(call, order, OrderEvent.CREATE)
    await write_terms(call, order, values)
    order["Total"] = order["ShippingCost"] + order["TaxCost"] + order["Gratuity"]
    await insert_order(call, order)
    return order


def blank_order() -> OrderRow:
    """An order with nothing in it: every column that is written."""
    stored = {each.name: False if each.type == "boolean" else None for each in ORDER.stored}
    columns = Order.__columns__.values()
    properties = {
        column.name: NOTHING if column.type.kind == "decimal" else column.empty for column in columns
    }
    return cast(OrderRow, stored | properties)


async def write_terms(call: Call, order: OrderRow, values: Values) -> None:
    """What a body may say of an order: costs, addresses by ID, comments, xp. `values` are complete."""
    order["Comments"], order["xp"] = values["Comments"], values["xp"]
    check_xp_size(order["xp"])
    _write_costs(call, order, values)
    missing = []
    for name, copy, put in (
        ("BillingAddressID", "BillingAddress", set_billing_address),
        ("ShippingAddressID", "shipping_address", set_shipping_address),
    ):
        known = by_name(order)
        if values[name] != known[name] or (known[name] and known[copy] is None):
            try:
                await put(call, order, values[name])
            except NotFoundError as error:
                missing.append(error)
    if missing:
        raise AllNotFoundError(*missing)


def keep_costs(call: Call, order: OrderRow, values: Values, said: Iterable[str]) -> None:
    """Of a body that replaces the order: a cost that it does not name stays, for whom it is not to set (ORD-16,
    inferred). Shoppers replace carts whose shipping was estimated.
    """
    named = {name.lower() for name in said}
    for name, role, _ in OVERRIDES:
        if name.lower() not in named and call.principal.roles.isdisjoint((role, FULL_ACCESS)):
            values[name] = by_name(order)[name]


async def set_billing_address(call: Call, order: OrderRow, address_id: str | None) -> None:
    """By ID; null takes the address away (ADR-1)."""
    order["BillingAddressID"], order["BillingAddress"] = (
        await addresses.billing_address(call, order, address_id) if address_id else (None, None)
    )


async def set_shipping_address(call: Call, order: OrderRow, address_id: str | None) -> None:
    """By ID, of the order; its lines follow in `changing.spread_shipping_address`."""
    order["ShippingAddressID"], order["shipping_address"] = (
        await addresses.shipping_address(call, order, address_id) if address_id else (None, None)
    )


def _write_costs(call: Call, order: OrderRow, values: Values) -> None:
    """ORD-16 and ORD-17; amounts are rounded to cents (MON-1)."""
    for name, role, refusal in OVERRIDES:
        amount = round_money(values[name] or NOTHING)
        if amount != by_name(order)[name]:
            if call.principal.roles.isdisjoint((role, FULL_ACCESS)):
                raise refusal
            by_name(order)[name] = amount
    gratuity = round_money(values["Gratuity"] or NOTHING)
    if gratuity < 0:
        raise ValidationError(PropertyError("Gratuity cannot be negative.", {"Property": "Gratuity"}))
    order["Gratuity"] = gratuity


async def _new_id(call: Call, wanted: str | None) -> str:
    reserved = call.principal.guest_order_id
    if reserved is None:
        return await fill_incrementors(call, wanted or ORDER.generate_id())
    if wanted and wanted.lower() != reserved.lower():
        raise NotFoundError("Order", wanted)
    return reserved


async def _sender(call: Call, direction: OrderDirection, values: Values) -> Person:
    """Whom the order is from: the caller, or for the marketplace owner's incoming orders a buyer's user (ORD-12)."""
    caller = call.principal
    on_behalf = caller.user_type is UserType.SELLER and (
        direction is OrderDirection.INCOMING
        or (direction is OrderDirection.ALL and values["FromCompanyID"] and values["FromUserID"])
    )
    if on_behalf:
        buyer, user = values["FromCompanyID"], values["FromUserID"]
        if not buyer or not user:
            raise IncomingOrderUserError
        found = await people.user_of_buyer(call, buyer, user)
        if found is None:
            raise BuyerUserNotFoundError({"BuyerID": buyer, "UserID": user})
        return found
    if caller.user_type is UserType.SUPPLIER or direction is OrderDirection.INCOMING:
        raise UserTypeError
    return await people.caller_itself(call)

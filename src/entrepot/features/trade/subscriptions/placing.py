"""The order of one period: an unsubmitted one with the items that can be had, and its payment (SBS-2)."""

from __future__ import annotations

from typing import Any

from entrepot.engine.call import Call
from entrepot.engine.wire.models import validate
from entrepot.features.trade.orders import addresses
from entrepot.features.trade.orders.changing import close_order, gather_shipping_address
from entrepot.features.trade.orders.creating import create_order
from entrepot.features.trade.orders.lines.writing import fresh_line
from entrepot.features.trade.orders.models.enums import OrderDirection
from entrepot.features.trade.orders.models.orders import Order
from entrepot.features.trade.orders.models.payments import Payment
from entrepot.features.trade.orders.rows import LineRow, OrderRow, by_name
from entrepot.features.trade.orders.store import Loaded
from entrepot.features.trade.payments.adding import add_payment
from entrepot.features.trade.subscriptions.pricing import orderable_items, project
from entrepot.features.trade.subscriptions.store import Template

Values = dict[str, Any]


async def place_order(call: Call, template: Template) -> tuple[Loaded, list[str]]:
    """The order, written, and the products that it lacks; the caller is the subscription's user. The statements of an
    order with lines and a payment, whatever their number, and one for each address that items have of their own.

    Raises ApiError for what keeps the order from being made: an address, a card or a receiver that is gone.
    """
    subscription = template.subscription
    priced = await project(call, template)
    items, unavailable = orderable_items(template, priced)
    named = {name: subscription[name] for name in ("ToCompanyID", "BillingAddressID", "ShippingAddressID")}
    order = await create_order(call, OrderDirection.OUTGOING, validate(Order, named, partial=False))
    loaded = Loaded(order, [], order.copy(), {})
    order["SubscriptionID"] = subscription["ID"]
    found: dict[str, tuple[str, Values]] = {}
    for item in items:
        line = _line(call, order, item)
        wanted = item["ShippingAddressID"]
        if wanted and wanted not in found:
            found[wanted] = await addresses.shipping_address(call, order, wanted)
        if wanted:
            line["ShippingAddressID"], line["ShippingAddress"] = found[wanted]
        loaded.lines.append(line)
    gather_shipping_address(loaded)
    await close_order(call, loaded)
    await _pay(call, order, subscription["Payment"])
    return loaded, unavailable


def _line(call: Call, order: OrderRow, item: LineRow) -> LineRow:
    """The item as a line of the order, under the same ID; by itself it goes where the order goes."""
    line = fresh_line(call, order, item["ID"], by_name(item))
    line |= {"bundle_id": item["bundle_id"], "UnitPrice": item["UnitPrice"]}
    if line["DateNeeded"] is not None and line["DateNeeded"] <= line["DateAdded"]:
        line["DateNeeded"] = None
    return line


async def _pay(call: Call, order: OrderRow, payment: Values | None) -> None:
    """One payment of the whole total (PAY-2), where the subscription says how it is paid."""
    if payment is not None and payment["Type"] is not None:
        await add_payment(call, order, validate(Payment, payment, partial=False))

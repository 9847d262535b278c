"""Changes of orders: what every writing use case opens with and ends with (ORD-4, ORD-19, MON-9)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from entrepot.domain.orders.status import OrderStatus
from entrepot.engine.call import Call
from entrepot.engine.rows import renderer
from entrepot.features.trade.orders import people
from entrepot.features.trade.orders.access import require_writable
from entrepot.features.trade.orders.models.orders import Order
from entrepot.features.trade.orders.pricing.prices import add_up, price_order
from entrepot.features.trade.orders.reference import OrderRef
from entrepot.features.trade.orders.rows import OrderRow, by_name
from entrepot.features.trade.orders.store import Loaded, load, require_order, save
from entrepot.kernel.errors import InsufficientRolesError

Values = dict[str, Any]
render = renderer(Order).render

RESPONSES = ("ship_estimate", "calculation")
"""What integrations have answered and a change of the order makes old (CHK-7)."""


async def open_order(call: Call, where: OrderRef) -> Loaded:
    """The order, under its lock and with its lines, if the caller may change it. Two statements.

    A canceled order is nobody's to change (ORD-4).
    """
    order = await require_order(call, where, lock=True)
    require_writable(call.principal, order)
    if order["Status"] == OrderStatus.CANCELED:
        raise InsufficientRolesError((), sorted(call.principal.roles))
    return await load(call, order)


def is_unsubmitted(order: OrderRow) -> bool:
    """Whether the order still follows what it is made of (MON-9)."""
    return bool(order["Status"] == OrderStatus.UNSUBMITTED)


def forget_estimates(loaded: Loaded) -> None:
    """CHK-7: an order that has changed is no longer what was estimated and calculated."""
    by_name(loaded.order).update(dict.fromkeys(RESPONSES))


def rename_in_estimates(loaded: Loaded, old: str, new: str) -> None:
    """The ID of a line is none of what makes an answer old, but the answers name it."""
    order = by_name(loaded.order)
    for name in RESPONSES:
        order[name] = _renamed(order[name], old, new)


def _renamed(value: Any, old: str, new: str) -> Any:
    """An answer with the line's new ID; what an integration keeps in an xp is its own."""
    if isinstance(value, list):
        return [_renamed(each, old, new) for each in value]
    if not isinstance(value, dict):
        return value
    its = {name: each if name == "xp" else _renamed(each, old, new) for name, each in value.items()}
    if str(its.get("LineItemID")).lower() == old.lower():
        its["LineItemID"] = new
    return its


async def price_anew(call: Call, loaded: Loaded) -> None:
    """Prices and sums as they are now (MON-9). Unsubmitted orders are priced anew; submitted ones only add up."""
    if is_unsubmitted(loaded.order):
        await price_order(call, loaded)
    else:
        add_up(loaded)


async def close_order(call: Call, loaded: Loaded) -> None:
    """Bring the order up to date and write it."""
    await price_anew(call, loaded)
    await write_order(call, loaded)


async def write_order(call: Call, loaded: Loaded, *, at: datetime | None = None) -> None:
    """Write an order whose sums are right. `at` is when it changed, if not now."""
    loaded.order["LastUpdated"] = at or call.clock()
    await save(call, loaded)


async def renew_user(call: Call, loaded: Loaded) -> None:
    """The copy of the user as the user is now, with what was changed of the copy alone (ORD-20, MON-9)."""
    found = await people.user_of_key(call, loaded.order["user_key"])
    if found is not None:
        copy_user(loaded.order, found)


def copy_user(order: OrderRow, user: people.Person) -> None:
    """Make the order's copy of its user what the user is now, with what was changed of the copy alone."""
    wire = user.wire | (order["from_user_changes"] or {})
    if wire != order["FromUser"]:
        order["FromUser"] = wire
    order["FromUserID"] = user.id


def spread_shipping_address(loaded: Loaded) -> None:
    """ADR-1, ADR-3: the order's shipping address becomes that of every line."""
    order = loaded.order
    for line in loaded.lines:
        line["ShippingAddressID"] = order["ShippingAddressID"]
        line["ShippingAddress"] = order["shipping_address"]


def gather_shipping_address(loaded: Loaded) -> None:
    """ADR-1: the order has the shipping address that all its lines share, or none."""
    order = loaded.order
    ids = {(line["ShippingAddressID"] or "").lower() for line in loaded.lines}
    if ids and ids != {(order["ShippingAddressID"] or "").lower()}:
        first = loaded.lines[0]
        shared = len(ids) == 1 and bool(first["ShippingAddressID"])
        order["ShippingAddressID"] = first["ShippingAddressID"] if shared else None
        order["shipping_address"] = first["ShippingAddress"] if shared else None

"""One-time addresses of orders (ADR-1 to ADR-3)."""

from __future__ import annotations

from entrepot.declare.operation import Body, Operation, Reply, Returns, Unit
from entrepot.declare.roles import sufficient
from entrepot.engine.call import Call
from entrepot.features.people.company_assets.resources import Address
from entrepot.features.trade.orders import addresses
from entrepot.features.trade.orders.changing import (
    close_order,
    forget_estimates,
    is_unsubmitted,
    open_order,
    render,
    spread_shipping_address,
)
from entrepot.features.trade.orders.models.orders import Order
from entrepot.features.trade.orders.reference import OrderRef, order_operation
from entrepot.features.trade.orders.rows import by_name
from entrepot.features.trade.orders.store import Loaded
from entrepot.kernel.errors import (
    ApiError,
    BillingAddressByIdError,
    BillingAddressMissingError,
    InsufficientRolesError,
    InvalidBodyError,
    NotFoundError,
    ShippingAddressByIdError,
    ShippingAddressMissingError,
    ValidationError,
)

ITEM = "/orders/{direction}/{orderID}"
TRADERS = sufficient("OrderAdmin", "Shopper")
WRITES: tuple[type[ApiError], ...] = (
    NotFoundError,
    InsufficientRolesError,
    InvalidBodyError,
    ValidationError,
)


@order_operation(
    "Orders.SetShippingAddress",
    "PUT",
    f"{ITEM}/shipto",
    tag="Orders",
    summary="Set a one-time shipping address",
    roles=TRADERS,
    body=Body(Address),
    returns=Returns(Order),
    errors=WRITES,
    unit=Unit.WRITE,
    table="orders",
)
async def set_shipping(call: Call, where: OrderRef) -> Reply:
    """A copy for the order, every line and later ones; the body's ID is ignored."""
    loaded = await open_order(call, where)
    order = loaded.order
    order["ShippingAddressID"], order["shipping_address"] = None, addresses.read_one_time(call)
    return await _close_shipping(call, loaded)


@order_operation(
    "Orders.PatchShippingAddress",
    "PATCH",
    f"{ITEM}/shipto",
    tag="Orders",
    summary="Change the one-time shipping address",
    roles=TRADERS,
    body=Body(Address, partial=True),
    returns=Returns(Order),
    errors=(*WRITES, ShippingAddressMissingError, ShippingAddressByIdError),
    unit=Unit.WRITE,
    table="orders",
)
async def patch_shipping(call: Call, where: OrderRef) -> Reply:
    """One that was set by its ID can be changed after the submit only."""
    loaded = await open_order(call, where)
    order = loaded.order
    addresses.change_copy(call, by_name(order), addresses.SHIPPING, unsubmitted=is_unsubmitted(order))
    return await _close_shipping(call, loaded)


@order_operation(
    "Orders.SetBillingAddress",
    "PUT",
    f"{ITEM}/billto",
    tag="Orders",
    summary="Set a one-time billing address",
    roles=TRADERS,
    body=Body(Address),
    returns=Returns(Order),
    errors=WRITES,
    unit=Unit.WRITE,
    table="orders",
)
async def set_billing(call: Call, where: OrderRef) -> Reply:
    """A copy for the order; the body's ID is ignored."""
    loaded = await open_order(call, where)
    order = loaded.order
    order["BillingAddressID"], order["BillingAddress"] = None, addresses.read_one_time(call)
    await close_order(call, loaded)
    return Reply(render(order))


@order_operation(
    "Orders.PatchBillingAddress",
    "PATCH",
    f"{ITEM}/billto",
    tag="Orders",
    summary="Change the one-time billing address",
    roles=TRADERS,
    body=Body(Address, partial=True),
    returns=Returns(Order),
    errors=(*WRITES, BillingAddressMissingError, BillingAddressByIdError),
    unit=Unit.WRITE,
    table="orders",
)
async def patch_billing(call: Call, where: OrderRef) -> Reply:
    """One that was set by its ID can be changed after the submit only."""
    loaded = await open_order(call, where)
    order = loaded.order
    addresses.change_copy(call, by_name(order), addresses.BILLING, unsubmitted=is_unsubmitted(order))
    await close_order(call, loaded)
    return Reply(render(order))


async def _close_shipping(call: Call, loaded: Loaded) -> Reply:
    spread_shipping_address(loaded)
    forget_estimates(loaded)
    await close_order(call, loaded)
    return Reply(render(loaded.order))


OPERATIONS: tuple[Operation, ...] = (set_shipping, patch_shipping, set_billing, patch_billing)

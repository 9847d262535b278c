"""One-time addresses of orders (ADR-1 to ADR-3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from entrepot.declare.operation import Body, Operation, Reply, Returns, Unit, operation
from entrepot.declare.roles import sufficient
from entrepot.engine.call import Call
from entrepot.engine.wire.json import parse
from entrepot.engine.wire.models import validate
from entrepot.features.company_assets.resources import Address
from entrepot.features.orders import addresses
from entrepot.features.orders.changing import (
    close_order,
    forget_estimates,
    is_unsubmitted,
    open_order,
    render,
    spread_shipping_address,
)
from entrepot.features.orders.models.orders import Order
from entrepot.features.orders.store import Loaded
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

Values = dict[str, Any]
ITEM = "/orders/{direction}/{orderID}"
TRADERS = sufficient("OrderAdmin", "Shopper")
WRITES: tuple[type[ApiError], ...] = (
    NotFoundError,
    InsufficientRolesError,
    InvalidBodyError,
    ValidationError,
)


@operation(
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
async def set_shipping(call: Call) -> Reply:
    """A copy for the order, every line and later ones; the body's ID is ignored."""

    def put(loaded: Loaded) -> None:
        values = validate(Address, parse(call.raw_body), partial=False)
        loaded.order["ShippingAddressID"] = None
        loaded.order["shipping_address"] = addresses.one_time(values)
        _spread(loaded)

    return await _change(call, put)


@operation(
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
async def patch_shipping(call: Call) -> Reply:
    """One that was set by its ID can be changed after the submit only."""

    def put(loaded: Loaded) -> None:
        order = loaded.order
        changes = validate(Address, parse(call.raw_body), partial=True)
        if order["shipping_address"] is None:
            raise ShippingAddressMissingError
        if order["ShippingAddressID"] and is_unsubmitted(order):
            raise ShippingAddressByIdError
        order["shipping_address"] = addresses.changed(order["shipping_address"], changes)
        _spread(loaded)

    return await _change(call, put)


@operation(
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
async def set_billing(call: Call) -> Reply:
    """A copy for the order; the body's ID is ignored."""

    def put(loaded: Loaded) -> None:
        values = validate(Address, parse(call.raw_body), partial=False)
        loaded.order["BillingAddressID"] = None
        loaded.order["BillingAddress"] = addresses.one_time(values)

    return await _change(call, put)


@operation(
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
async def patch_billing(call: Call) -> Reply:
    """One that was set by its ID can be changed after the submit only."""

    def put(loaded: Loaded) -> None:
        order = loaded.order
        changes = validate(Address, parse(call.raw_body), partial=True)
        if order["BillingAddress"] is None:
            raise BillingAddressMissingError
        if order["BillingAddressID"] and is_unsubmitted(order):
            raise BillingAddressByIdError
        order["BillingAddress"] = addresses.changed(order["BillingAddress"], changes)

    return await _change(call, put)


def _spread(loaded: Loaded) -> None:
    spread_shipping_address(loaded)
    forget_estimates(loaded)


async def _change(call: Call, put: Callable[[Loaded], None]) -> Reply:
    loaded = await open_order(call)
    put(loaded)
    await close_order(call, loaded)
    return Reply(render(loaded.order))


OPERATIONS: tuple[Operation, ...] = (set_shipping, patch_shipping, set_billing, patch_billing)

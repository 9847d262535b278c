"""Lines of orders: create, get, save, patch, delete, and their one-time addresses (orders spec section 5)."""

from __future__ import annotations

from typing import Any

from entrepot.declare.operation import Body, Created, Operation, Reply, Returns, Unit
from entrepot.declare.roles import sufficient
from entrepot.engine.call import Call
from entrepot.engine.wire.merge import merge, replace
from entrepot.engine.wire.models import validate
from entrepot.features.people.company_assets.resources import Address
from entrepot.features.trade.orders import addresses
from entrepot.features.trade.orders.changing import (
    close_order,
    forget_estimates,
    gather_shipping_address,
    is_unsubmitted,
    open_order,
)
from entrepot.features.trade.orders.lines.checks import keep_price, refuse_bundle_parts
from entrepot.features.trade.orders.lines.writing import add_line, change_line
from entrepot.features.trade.orders.models.lines import LineItem
from entrepot.features.trade.orders.pricing.stock import adjust_stock
from entrepot.features.trade.orders.reference import OrderRef, order_operation
from entrepot.features.trade.orders.rows import LineRow, by_name
from entrepot.features.trade.orders.store import Loaded, require_order, show_line
from entrepot.features.trade.orders.store import load as load_lines
from entrepot.kernel.errors import (
    ChangeProductError,
    IdExistsError,
    InsufficientRolesError,
    InvalidBodyError,
    NotFoundError,
    PatchLineAddressError,
    PriceScheduleMissingError,
    RemoveBundleError,
    RemoveRequiredBundleItemError,
    ShippingAddressByIdError,
    StockError,
    ValidationError,
)

Values = dict[str, Any]

COLLECTION = "/orders/{direction}/{orderID}/lineitems"
ITEM = f"{COLLECTION}/{{lineItemID}}"
TRADERS = sufficient("OrderAdmin", "Shopper")
READERS = sufficient("OrderAdmin", "OrderReader", "Shopper")
WRITES = (
    NotFoundError,
    InsufficientRolesError,
    InvalidBodyError,
    ValidationError,
    IdExistsError,
    PriceScheduleMissingError,
    StockError,
)


@order_operation(
    "LineItems.Create",
    "POST",
    COLLECTION,
    tag="Line Items",
    summary="Add a line",
    status=201,
    roles=TRADERS,
    body=Body(LineItem),
    returns=Returns(LineItem),
    errors=WRITES,
    unit=Unit.WRITE,
    table="line_items",
)
async def create_line(call: Call, where: OrderRef) -> Reply:
    """Equal lines are never merged (LI-2). Eight statements at most, however many lines there are."""
    loaded = await open_order(call, where)
    line = await add_line(call, loaded, validate(LineItem, call.body, partial=False))
    above = {"direction": where.side, "orderID": loaded.order["ID"]}
    return Reply(show_line(call, line), created=Created(line["ID"], above))


@order_operation(
    "LineItems.Get",
    "GET",
    ITEM,
    tag="Line Items",
    summary="Get a line",
    roles=READERS,
    returns=Returns(LineItem),
    errors=(NotFoundError,),
    confirms=True,
    table="line_items",
)
async def get_line(call: Call, where: OrderRef) -> Reply:
    """Two statements."""
    loaded = await load_lines(call, await require_order(call, where, lock=False))
    return Reply(show_line(call, loaded.line(call.path["lineItemID"])))


@order_operation(
    "LineItems.Save",
    "PUT",
    ITEM,
    tag="Line Items",
    summary="Create or replace a line",
    roles=TRADERS,
    body=Body(LineItem),
    returns=Returns(LineItem),
    errors=(*WRITES, ChangeProductError),
    unit=Unit.WRITE,
    table="line_items",
)
async def save_line(call: Call, where: OrderRef) -> Reply:
    """The ID in the path is that of a new line, where there is none."""
    loaded = await open_order(call, where)
    values = validate(LineItem, call.body, partial=False)
    line_id = call.path["lineItemID"]
    old = loaded.find_line(line_id)
    keep_price(call, values, old)
    if old is None:
        values["ID"] = values["ID"] or line_id
        return Reply(show_line(call, await add_line(call, loaded, values)))
    values["ID"] = values["ID"] or old["ID"]
    return Reply(
        show_line(call, await change_line(call, loaded, old, replace(LineItem, by_name(old), values)))
    )


@order_operation(
    "LineItems.Patch",
    "PATCH",
    ITEM,
    tag="Line Items",
    summary="Change parts of a line",
    roles=TRADERS,
    body=Body(LineItem, partial=True),
    returns=Returns(LineItem),
    errors=(*WRITES, ChangeProductError),
    unit=Unit.WRITE,
    table="line_items",
)
async def patch_line(call: Call, where: OrderRef) -> Reply:
    """Null for UnitPrice brings the automatic price back (MON-8)."""
    loaded = await open_order(call, where)
    old = loaded.line(call.path["lineItemID"])
    changes = validate(LineItem, call.body, partial=True)
    return Reply(
        show_line(call, await change_line(call, loaded, old, merge(LineItem, by_name(old), changes)))
    )


@order_operation(
    "LineItems.Delete",
    "DELETE",
    ITEM,
    tag="Line Items",
    summary="Delete a line",
    status=204,
    roles=TRADERS,
    errors=(NotFoundError, InsufficientRolesError, RemoveBundleError, RemoveRequiredBundleItemError),
    unit=Unit.WRITE,
    table="line_items",
)
async def delete_line(call: Call, where: OrderRef) -> Reply:
    """Of an open order the quantity goes back to its stock (INV-2)."""
    loaded = await open_order(call, where)
    line = loaded.line(call.path["lineItemID"])
    await refuse_bundle_parts(call, loaded, line)
    await adjust_stock(call, loaded, line, -line["Quantity"])
    loaded.lines.remove(line)
    forget_estimates(loaded)
    await close_order(call, loaded)
    return Reply()


@order_operation(
    "LineItems.SetShippingAddress",
    "PUT",
    f"{ITEM}/shipto",
    tag="Line Items",
    summary="Set a one-time shipping address of a line",
    roles=TRADERS,
    body=Body(Address),
    returns=Returns(LineItem),
    errors=WRITES,
    unit=Unit.WRITE,
    table="line_items",
)
async def set_line_address(call: Call, where: OrderRef) -> Reply:
    """The body's ID is ignored; ShippingAddressID becomes null (LI-8)."""
    loaded = await open_order(call, where)
    line = loaded.line(call.path["lineItemID"])
    line["ShippingAddressID"], line["ShippingAddress"] = None, addresses.read_one_time(call)
    return await _close_address(call, loaded, line)


@order_operation(
    "LineItems.PatchShippingAddress",
    "PATCH",
    f"{ITEM}/shipto",
    tag="Line Items",
    summary="Change the one-time shipping address of a line",
    roles=TRADERS,
    body=Body(Address, partial=True),
    returns=Returns(LineItem),
    errors=(*WRITES, PatchLineAddressError, ShippingAddressByIdError),
    unit=Unit.WRITE,
    table="line_items",
)
async def patch_line_address(call: Call, where: OrderRef) -> Reply:
    """An address by ID is changed only after the submit (LI-8)."""
    loaded = await open_order(call, where)
    line = loaded.line(call.path["lineItemID"])
    addresses.change_copy(
        call, by_name(line), addresses.SHIPPING_OF_LINE, unsubmitted=is_unsubmitted(loaded.order)
    )
    return await _close_address(call, loaded, line)


async def _close_address(call: Call, loaded: Loaded, line: LineRow) -> Reply:
    gather_shipping_address(loaded)
    forget_estimates(loaded)
    await close_order(call, loaded)
    return Reply(show_line(call, line))


OPERATIONS: tuple[Operation, ...] = (
    create_line,
    get_line,
    save_line,
    patch_line,
    delete_line,
    set_line_address,
    patch_line_address,
)

"""Create, get, save, patch and delete of orders (orders spec section 3)."""

from __future__ import annotations

from typing import Any

from entrepot.declare.operation import Body, Created, Operation, Reply, Returns, Unit, operation
from entrepot.declare.roles import sufficient
from entrepot.domain.orders.status import OrderEvent, OrderStatus
from entrepot.engine.call import Call
from entrepot.engine.incrementors import fill_incrementors
from entrepot.engine.wire.merge import merge, replace
from entrepot.engine.wire.models import validate
from entrepot.features.people.identity.resources import User
from entrepot.features.trade.orders.access import ADMINS, direction_of, patchable, require_writable
from entrepot.features.trade.orders.changing import (
    close_order,
    forget_estimates,
    open_order,
    render,
    renew_user,
    spread_shipping_address,
)
from entrepot.features.trade.orders.creating import create_order, keep_costs, write_terms
from entrepot.features.trade.orders.models.orders import Order, OrderUser
from entrepot.features.trade.orders.promotions.uses import release_deleted
from entrepot.features.trade.orders.reference import OrderRef, order_operation
from entrepot.features.trade.orders.rows import by_name
from entrepot.features.trade.orders.store import DELETE_ORDER, Loaded, find_order, load, require_order
from entrepot.kernel.errors import (
    BuyerUserNotFoundError,
    DeleteForwardedOrderError,
    IdExistsError,
    IncomingOrderUserError,
    InsufficientRolesError,
    InvalidBodyError,
    NotFoundError,
    OrderBodyError,
    OverrideShippingError,
    OverrideTaxError,
    UserTypeError,
    ValidationError,
)

Values = dict[str, Any]

COLLECTION = "/orders/{direction}"
ITEM = "/orders/{direction}/{orderID}"
TRADERS = sufficient("OrderAdmin", "Shopper")
READERS = sufficient("OrderAdmin", "OrderReader", "Shopper")
OVERRIDES = (OverrideShippingError, OverrideTaxError)
WRITES = (NotFoundError, InsufficientRolesError, InvalidBodyError, ValidationError, IdExistsError, *OVERRIDES)
HAS_OUTGOING = "SELECT EXISTS (SELECT 1 FROM orders o WHERE o.marketplace_id = $1 AND o.origin_key = $2)"
TAKE_BACK = """
UPDATE line_items SET "OutgoingOrderID" = NULL
WHERE marketplace_id = $1 AND order_key = $2 AND "OutgoingOrderID" = $3
"""
"""Lines that went to a supplier with an order that is gone can go again (FWD-2)."""
SHOWN_TO_INVITED = ("ID", "CompanyID", "FirstName", "LastName", "Active")
"""Of the user who invites: an invitation goes to whoever has its link."""
AFFECTS_CALCULATION = ("ShippingCost", "TaxCost", "ShippingAddressID", "xp")
"""CHK-7."""


@operation(
    "Orders.Create",
    "POST",
    COLLECTION,
    tag="Orders",
    summary="Create an order",
    status=201,
    roles=TRADERS,
    body=Body(Order, required=False),
    returns=Returns(Order),
    errors=(*WRITES, OrderBodyError, IncomingOrderUserError, BuyerUserNotFoundError, UserTypeError),
    unit=Unit.WRITE,
    confirms=True,
    moves=(OrderEvent.CREATE,),
    table="orders",
)
async def create(call: Call) -> Reply:
    """An unsubmitted order of the caller, or on behalf of a buyer's user (ORD-12)."""
    direction = direction_of(call)
    order = await create_order(call, direction, _body(call))
    return Reply(render(order), created=Created(order["ID"], {"direction": direction}))


@order_operation(
    "Orders.Get",
    "GET",
    ITEM,
    tag="Orders",
    summary="Get an order",
    roles=READERS,
    returns=Returns(Order),
    errors=(NotFoundError,),
    confirms=True,
    table="orders",
)
async def get(call: Call, where: OrderRef) -> Reply:
    """The order as it was last written; who was invited to it knows its user by name. One statement."""
    order = await require_order(call, where, lock=False)
    if call.principal.is_invited:
        hidden = {name: "" if each.required else None for name, each in OrderUser.__columns__.items()}
        order["FromUser"] = order["FromUser"] | {
            name: value for name, value in hidden.items() if name not in SHOWN_TO_INVITED
        }
    return Reply(render(order))


@order_operation(
    "Orders.Save",
    "PUT",
    ITEM,
    tag="Orders",
    summary="Create or replace an order",
    roles=TRADERS,
    body=Body(Order),
    returns=Returns(Order),
    errors=(*WRITES, IncomingOrderUserError, BuyerUserNotFoundError, UserTypeError),
    unit=Unit.WRITE,
    moves=(OrderEvent.CREATE,),
    table="orders",
)
async def save_order(call: Call, where: OrderRef) -> Reply:
    """Replaces what the order says beside its lines; the ID in the path is that of a new one."""
    direction, order_id = where.side, where.id
    order = await find_order(call, direction, order_id, lock=True)
    body = call.body
    values = validate(Order, body, partial=False)
    if order is None:
        values["ID"] = values["ID"] or order_id
        return Reply(render(await create_order(call, direction, values)))
    require_writable(call.principal, order)
    loaded = await load(call, order)
    values["ID"] = values["ID"] or order["ID"]
    keep_costs(call, order, values, body)
    await change_order(call, loaded, replace(Order, order, values))
    return Reply(render(loaded.order))


@order_operation(
    "Orders.Patch",
    "PATCH",
    ITEM,
    tag="Orders",
    summary="Change parts of an order",
    roles=TRADERS,
    body=Body(Order, partial=True),
    returns=Returns(Order),
    errors=WRITES,
    unit=Unit.WRITE,
    table="orders",
)
async def patch(call: Call, where: OrderRef) -> Reply:
    """Before and after the submit (ORD-19); of a canceled order only its xp (ORD-4)."""
    order = await require_order(call, where, lock=True)
    allowed = patchable(call.principal, order)
    loaded = await load(call, order)
    values = merge(Order, by_name(order), validate(Order, call.body, partial=True))
    if any(value != by_name(order)[name] for name, value in values.items() if name not in allowed):
        raise InsufficientRolesError(ADMINS, sorted(call.principal.roles))
    await change_order(call, loaded, values)
    return Reply(render(loaded.order))


@order_operation(
    "Orders.Delete",
    "DELETE",
    ITEM,
    tag="Orders",
    summary="Delete an order",
    status=204,
    roles=TRADERS,
    errors=(NotFoundError, InsufficientRolesError, DeleteForwardedOrderError),
    unit=Unit.WRITE,
    table="orders",
)
async def delete(call: Call, where: OrderRef) -> Reply:
    """With everything that belongs to it; stock stays as it is (DEL-1)."""
    order = await require_order(call, where, lock=True)
    require_writable(call.principal, order)
    if await call.db.fetchval(HAS_OUTGOING, call.marketplace_id, order["key"]):
        raise DeleteForwardedOrderError
    if order["origin_key"] is not None:
        await call.db.execute(TAKE_BACK, call.marketplace_id, order["origin_key"], order["ID"])
    await release_deleted(call, order)
    await call.db.execute(DELETE_ORDER, call.marketplace_id, order["key"])
    return Reply()


@order_operation(
    "Orders.PatchFromUser",
    "PATCH",
    f"{ITEM}/fromuser",
    tag="Orders",
    summary="Change the order's copy of its user",
    roles=TRADERS,
    body=Body(User, partial=True),
    returns=Returns(Order),
    errors=WRITES,
    unit=Unit.WRITE,
    table="orders",
)
async def patch_from_user(call: Call, where: OrderRef) -> Reply:
    """FirstName, LastName and Email of the copy alone (ORD-20); the rest is ignored."""
    loaded = await open_order(call, where)
    changes = validate(OrderUser, call.body, partial=True)
    named = {name: changes[name] for name in ("FirstName", "LastName", "Email") if name in changes}
    order = loaded.order
    order["from_user_changes"] = (order["from_user_changes"] or {}) | named
    order["FromUser"] = order["FromUser"] | named
    await close_order(call, loaded)
    return Reply(render(order))


async def change_order(call: Call, loaded: Loaded, values: Values) -> None:
    """Write a body's complete values over the order, as its status allows."""
    order = loaded.order
    if order["Status"] == OrderStatus.CANCELED:
        order["xp"] = values["xp"]
        await close_order(call, loaded)
        return
    before = {name: by_name(order)[name] for name in AFFECTS_CALCULATION}
    if values["ID"] != order["ID"]:
        if call.principal.is_guest:
            raise NotFoundError("Order", values["ID"])
        order["ID"] = await fill_incrementors(call, values["ID"])
    shipped_to = order["ShippingAddressID"]
    await write_terms(call, order, values)
    if order["ShippingAddressID"] != shipped_to:
        spread_shipping_address(loaded)
    if any(by_name(order)[name] != value for name, value in before.items()):
        forget_estimates(loaded)
    if order["Status"] == OrderStatus.UNSUBMITTED:
        await renew_user(call, loaded)
    await close_order(call, loaded)


def _body(call: Call) -> Values:
    """ORD-15: what is no JSON object is refused in its own way; no body at all is an empty order."""
    if call.content.is_null:
        raise OrderBodyError
    try:
        parsed = call.body
    except InvalidBodyError as error:
        raise OrderBodyError from error
    if not isinstance(parsed, dict):
        raise OrderBodyError
    return validate(Order, parsed, partial=False)


OPERATIONS: tuple[Operation, ...] = (create, get, save_order, patch, delete, patch_from_user)

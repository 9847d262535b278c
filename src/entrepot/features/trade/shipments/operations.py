"""Shipments beyond their uniform operations: one-time addresses, whole orders, and what shoppers and orders see of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from entrepot.declare.operation import (
    Body,
    Operation,
    QueryParameter,
    Reply,
    Returns,
    Unit,
    operation,
)
from entrepot.declare.roles import Right, sufficient
from entrepot.domain.orders.status import OrderEvent, OrderStatus
from entrepot.engine import statements
from entrepot.engine.access import allowed_types
from entrepot.engine.call import Call
from entrepot.engine.incrementors import fill_incrementors
from entrepot.engine.query import parameters
from entrepot.engine.row_lists import rows_list
from entrepot.engine.rows import renderer, to_row
from entrepot.engine.standing import confirm_standing
from entrepot.engine.verbs import UniformVerbs
from entrepot.engine.wire.json import dump
from entrepot.engine.wire.models import check_xp_size, validate
from entrepot.features.catalog.shopping.pages import one
from entrepot.features.people.company_assets.resources import Address
from entrepot.features.trade.orders import access, addresses
from entrepot.features.trade.orders.changing import render as render_order
from entrepot.features.trade.orders.models.orders import Order
from entrepot.features.trade.orders.models.shipments import Shipment, ShipmentItem
from entrepot.features.trade.orders.reference import OrderRef, order_operation
from entrepot.features.trade.orders.rows import OrderRow
from entrepot.features.trade.orders.store import load, require_order
from entrepot.features.trade.shipments import items
from entrepot.features.trade.shipments.progress import count_shipped
from entrepot.features.trade.shipments.resources import SHIPMENT, SHIPMENTS, has_line_of, of_family
from entrepot.features.trade.shipments.telling import tell_shipped
from entrepot.kernel.errors import (
    IdExistsError,
    InsufficientRolesError,
    InvalidBodyError,
    NotFoundError,
    ShipmentConflictError,
    ShipNothingError,
    ShipStatusError,
    ValidationError,
)
from entrepot.kernel.user_types import UserType

Values = dict[str, Any]

_shipments = UniformVerbs(SHIPMENTS)
ITEM = "/shipments/{shipmentID}"
WRITE: dict[str, Any] = {
    "tag": SHIPMENTS.title,
    "table": SHIPMENT.table,
    "roles": SHIPMENTS.roles.write,
    "user_types": allowed_types(SHIPMENTS.access, Right.WRITE),
    "returns": Returns(Shipment),
    "body": Body(Address),
    "unit": Unit.WRITE,
    "errors": (NotFoundError, InvalidBodyError, ValidationError),
}
OPTIONS = SHIPMENTS.lists
OF_CALLER = f"""t."ID" IN (
    SELECT si."ShipmentID" FROM orders p
    JOIN orders o ON o.marketplace_id = :marketplace_id AND (o.key = p.key OR o.origin_key = p.key)
    JOIN shipment_items si ON si.marketplace_id = :marketplace_id AND si.order_key = o.key
    WHERE p.marketplace_id = :marketplace_id AND {items.MINE.format(o="p")})"""
"""Of lines of the caller's orders, and of those that went to suppliers for them."""
OF_ORDER = has_line_of(of_family("key = :order_key"))
ORDER_ID = (QueryParameter("orderID", description="Only shipments of lines of this order."),)
_mine = rows_list(SHIPMENTS, OF_CALLER)
_of_order = rows_list(SHIPMENTS, OF_ORDER)
FIND_MINE = f"""
SELECT {statements.projection(SHIPMENTS.columns)} FROM shipments t
WHERE t.marketplace_id = :marketplace_id AND t."ID" = :shipment AND {OF_CALLER}
"""
ME: dict[str, Any] = {
    "tag": "Me",
    "table": SHIPMENT.table,
    "roles": sufficient("Shopper"),
    "user_types": frozenset({UserType.BUYER}),
    "confirms": True,
}
ORIGINAL_BUYER = """
SELECT coalesce(origin."FromCompanyID", o."FromCompanyID") FROM orders o
LEFT JOIN orders origin ON origin.marketplace_id = $1 AND origin.key = o.origin_key
WHERE o.marketplace_id = $1 AND o.key = $2 AND NOT coalesce(origin.from_seller, o.from_seller)
"""
"""For whom a supplier ships an order that a split has made: no buyer, where the seller began it."""
SHIPPERS = ("ShipmentAdmin", "ShipmentReader")
"""Roles that reach orders here, though they read none elsewhere."""
render = renderer(Shipment).render


@operation(
    "Shipments.SetShipToAddress", "PUT", f"{ITEM}/shipto", summary="Set a one-time destination", **WRITE
)
async def set_ship_to(call: Call) -> Reply:
    """A copy; ToAddressID becomes null (SHP-4)."""
    return Reply(await _shipments.change(call, _one_time(call, "To")))


@operation(
    "Shipments.SetShipFromAddress", "PUT", f"{ITEM}/shipfrom", summary="Set a one-time origin", **WRITE
)
async def set_ship_from(call: Call) -> Reply:
    """A copy; FromAddressID becomes null (SHP-4)."""
    return Reply(await _shipments.change(call, _one_time(call, "From")))


def _one_time(call: Call, side: str) -> Callable[[Values], None]:
    def put(shipment: Values) -> None:
        shipment[f"{side}AddressID"], shipment[f"{side}Address"] = None, addresses.read_one_time(call)

    return put


@order_operation(
    "Orders.ListShipments",
    "GET",
    "/orders/{direction}/{orderID}/shipments",
    tag="Orders",
    summary="List the shipments of an order",
    roles=sufficient("OrderAdmin", "ShipmentReader"),
    lists=OPTIONS,
    returns=Returns(Shipment, page=True),
    errors=(NotFoundError,),
    confirms=True,
    table=SHIPMENT.table,
)
async def list_shipments(call: Call, where: OrderRef) -> Reply:
    """With those of the suppliers that deliver for it (FWD-3). Two statements."""
    order = await require_order(call, where, lock=False, also=SHIPPERS)
    return await _of_order(call, {"order_key": order["key"]})


@operation(
    "Me.ListShipments",
    "GET",
    "/me/shipments",
    summary="List the shipments of the caller's orders",
    query=ORDER_ID,
    lists=OPTIONS,
    returns=Returns(Shipment, page=True),
    **ME,
)
async def list_mine(call: Call) -> Reply:
    """One statement, one more for an empty page."""
    return await _mine(call, _own(call))


@operation(
    "Me.GetShipment",
    "GET",
    "/me/shipments/{shipmentID}",
    summary="Get a shipment of the caller's orders",
    returns=Returns(Shipment),
    errors=(NotFoundError,),
    **ME,
)
async def get_mine(call: Call) -> Reply:
    """Two statements."""
    await confirm_standing(call)
    return Reply(render(await _find_mine(call)))


@operation(
    "Me.ListShipmentItems",
    "GET",
    "/me/shipments/{shipmentID}/items",
    summary="List what is in a shipment of the caller's orders",
    query=ORDER_ID,
    lists=items.ITEMS.options,
    returns=Returns(ShipmentItem, page=True),
    errors=(NotFoundError,),
    **ME,
)
async def list_my_items(call: Call) -> Reply:
    """Two statements."""
    shipment = await _find_mine(call)
    return await items.MY_ITEMS.page(call, {"shipment": shipment["ID"], **_own(call)})


@order_operation(
    "Orders.Ship",
    "POST",
    "/orders/{direction}/{orderID}/ship",
    tag="Orders",
    summary="Ship all lines of an order at once",
    status=201,
    roles=sufficient("OrderAdmin", "ShipmentAdmin"),
    body=Body(Shipment, required=False),
    returns=Returns(Order),
    errors=(
        NotFoundError,
        InsufficientRolesError,
        InvalidBodyError,
        ValidationError,
        IdExistsError,
        ShipStatusError,
        ShipNothingError,
        ShipmentConflictError,
    ),
    unit=Unit.WRITE,
    moves=(OrderEvent.SHIP_LAST,),
    table=SHIPMENT.table,
)
async def ship(call: Call, where: OrderRef) -> Reply:
    """One shipment with every line at its full quantity, shipped now unless the body says when (SHP-5)."""
    values = validate(Shipment, call.body, partial=False)
    order = await require_order(call, where, lock=True, also=SHIPPERS)
    if call.principal.user_type is UserType.BUYER:
        raise InsufficientRolesError(access.ADMINS, sorted(call.principal.roles))
    if order["Status"] != OrderStatus.OPEN:
        raise ShipStatusError
    loaded = await load(call, order)
    lines = [line for line in loaded.lines if not line["IsBundle"]]
    if not lines:
        raise ShipNothingError
    shipped = [line["ID"] for line in lines if line["QuantityShipped"]]
    if shipped:
        raise ShipmentConflictError({"LineItemIDs": shipped})
    shipment = await _new_shipment(call, order, values)
    rows = [{"line": line["ID"], "quantity": line["Quantity"]} for line in lines]
    await call.db.execute(items.PUT_ALL, call.marketplace_id, shipment["ID"], order["key"], dump(rows))
    await count_shipped(call, [order["key"]])
    await tell_shipped(call, shipment["ID"])
    return Reply(render_order(await require_order(call, where, lock=False, also=SHIPPERS)))


async def _new_shipment(call: Call, order: OrderRow, values: Values) -> Values:
    check_xp_size(values["xp"])
    owner = call.principal.marketplace
    buyer = await call.db.fetchval(ORIGINAL_BUYER, call.marketplace_id, order["key"])
    shipment = values | {
        "ID": await fill_incrementors(call, values["ID"] or SHIPMENT.generate_id()),
        "OwnerID": call.principal.supplier_id or values["OwnerID"] or owner,
        "BuyerID": buyer,
        "DateShipped": values["DateShipped"] or call.clock(),
        "FromAddress": None,
        "ToAddress": None,
    }
    await SHIPMENTS.hooks.check_write(call, None, shipment)
    row = to_row(SHIPMENT, {n: shipment[n] for n in statements.stored_columns(SHIPMENT) if n in shipment})
    await call.db.execute(statements.insert(SHIPMENT.table, tuple(row)), call.marketplace_id, *row.values())
    return shipment


def _own(call: Call) -> Values:
    caller = call.principal
    order = parameters(call).get("orderID") if call.operation.query else None
    return {
        "caller": caller.user_key,
        "guest": caller.is_guest,
        "own_order": caller.guest_order_id,
        "order": order,
    }


async def _find_mine(call: Call) -> Values:
    shipment = call.path["shipmentID"]
    row = await one(call, FIND_MINE, {**_own(call), "shipment": shipment, "order": None})
    if row is None:
        raise NotFoundError("Shipment", shipment)
    return dict(row)


OPERATIONS: tuple[Operation, ...] = (
    set_ship_to,
    set_ship_from,
    list_shipments,
    list_mine,
    get_mine,
    list_my_items,
    ship,
    *items.OPERATIONS,
)

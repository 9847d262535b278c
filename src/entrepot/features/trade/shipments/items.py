"""What is in a shipment: quantities of lines of orders (SHP-2)."""

from __future__ import annotations

from typing import Any

import asyncpg

from entrepot.declare.operation import Body, ListOptions, Operation, Reply, Returns, Unit, operation
from entrepot.declare.roles import Right
from entrepot.domain.orders.status import OrderEvent, OrderStatus
from entrepot.engine.access import allowed_types
from entrepot.engine.call import Call
from entrepot.engine.rows import renderer
from entrepot.engine.scoping import require
from entrepot.engine.selections import SelectedList
from entrepot.engine.standing import confirm_standing
from entrepot.engine.wire.models import validate
from entrepot.features.trade.orders.companies import received_by
from entrepot.features.trade.orders.models.shipments import ShipmentItem
from entrepot.features.trade.shipments.progress import count_shipped, lock_family
from entrepot.features.trade.shipments.resources import IN_SHIPMENT, SHIPMENTS
from entrepot.kernel.errors import (
    InvalidBodyError,
    NotFoundError,
    PropertyError,
    ShipBundleError,
    ShippedQuantityError,
    ValidationError,
)
from entrepot.kernel.sql import Sql
from entrepot.kernel.user_types import UserType

Values = dict[str, Any]

COLUMNS = """o."ID" AS "OrderID", i."LineItemID", i."QuantityShipped", l."UnitPrice", l."CostCenter", l."DateNeeded",
       l."Product", l."Variant", l."Specs", l.xp"""
FROM = """
FROM shipment_items i
JOIN orders o ON o.marketplace_id = :marketplace_id AND o.key = i.order_key
JOIN line_items l ON l.marketplace_id = :marketplace_id AND l.order_key = i.order_key AND l."ID" = i."LineItemID"
WHERE i.marketplace_id = :marketplace_id AND i."ShipmentID" = """
BUYERS_FROM = """
FROM shipment_items i
JOIN line_items own ON own.marketplace_id = :marketplace_id AND own.order_key = i.order_key AND own."ID" = i."LineItemID"
JOIN orders o ON o.marketplace_id = :marketplace_id AND o.key = coalesce(own.source_order_key, own.order_key)
JOIN line_items l ON l.marketplace_id = :marketplace_id AND l.order_key = o.key AND l."ID" = coalesce(own.source_line_id, own."ID")
WHERE i.marketplace_id = :marketplace_id AND i."ShipmentID" = """
"""For buyers: a supplier's line stands for the line of their order that it was made of (SHP-1)."""
LIST, BUYERS_LIST = (f"SELECT {COLUMNS}{its}CAST(:shipment AS citext)" for its in (FROM, BUYERS_FROM))
ONE, BUYERS_ONE = (
    Sql(f"""
SELECT i.order_key, {COLUMNS}{its}:shipment
  AND o."ID" = :order AND i."LineItemID" = :line
""").bound("marketplace_id", "shipment", "order", "line")
    for its in (FROM, BUYERS_FROM)
)
LINE = Sql(f"""
SELECT l.order_key, l."ID", l."IsBundle", o."Status", o."FromCompanyID", o."ToCompanyID",
       o.from_seller, coalesce(origin."FromCompanyID", o."FromCompanyID") AS buyer,
       coalesce(origin.from_seller, o.from_seller) AS begun_by_seller
FROM orders o
JOIN line_items l ON l.marketplace_id = :marketplace_id AND l.order_key = o.key AND l."ID" = :line
LEFT JOIN orders origin ON origin.marketplace_id = :marketplace_id AND origin.key = o.origin_key
WHERE o.marketplace_id = :marketplace_id AND o."ID" = :order AND (:supplier::citext IS NULL OR NOT o.to_seller AND o."ToCompanyID" = :supplier)
ORDER BY ({received_by(UserType.SELLER, ":seller", "o")}) DESC LIMIT 1
""").bound("marketplace_id", "order", "line", "supplier", "seller")
"""The line with the buyer that its order began with; a supplier names its own order (SHP-2), of two with one ID the seller
means the one that it received.
"""
LEFT = """
SELECT l."Quantity" - l."QuantityShipped" + coalesce(i."QuantityShipped", 0) AS quantity, l."Quantity", o."Status"
FROM line_items l
JOIN orders o ON o.marketplace_id = $1 AND o.key = l.order_key
LEFT JOIN shipment_items i ON i.marketplace_id = $1 AND i."ShipmentID" = $4
     AND i.order_key = l.order_key AND i."LineItemID" = l."ID"
WHERE l.marketplace_id = $1 AND l.order_key = $2 AND l."ID" = $3
"""
"""What this shipment may have of the line; QuantityShipped has what any order ships of it (FWD-3)."""
UPSERT = """
INSERT INTO shipment_items (marketplace_id, "ShipmentID", order_key, "LineItemID", "QuantityShipped")
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (marketplace_id, "ShipmentID", order_key, "LineItemID") DO UPDATE SET "QuantityShipped" = $5
"""
PUT_ALL = """
INSERT INTO shipment_items (marketplace_id, "ShipmentID", order_key, "LineItemID", "QuantityShipped")
SELECT $1, $2, $3, v.line, v.quantity FROM json_to_recordset($4::json) AS v(line citext, quantity integer)
"""
REMOVE = """
DELETE FROM shipment_items
WHERE marketplace_id = $1 AND "ShipmentID" = $2 AND order_key = $3 AND "LineItemID" = $4
"""
BUYER = 'SELECT "BuyerID" FROM shipments WHERE marketplace_id = $1 AND "ID" = $2 FOR NO KEY UPDATE'
SET_BUYER = 'UPDATE shipments SET "BuyerID" = $3 WHERE marketplace_id = $1 AND "ID" = $2'
COLLECTION = "/shipments/{shipmentID}/items"
ITEM = f"{COLLECTION}/{{orderID}}/{{lineItemID}}"
render = renderer(ShipmentItem).render
ITEMS = SelectedList(
    ShipmentItem, LIST, ListOptions(sort=("OrderID", "LineItemID")), key=("OrderID", "LineItemID")
)
BUYERS_ITEMS = SelectedList(ShipmentItem, BUYERS_LIST, ITEMS.options, key=("OrderID", "LineItemID"))
MINE = """(CAST(:order AS citext) IS NULL OR {o}."ID" = :order) AND {o}.user_key = :caller AND {o}.guest = :guest
  AND (CAST(:own_order AS citext) IS NULL OR {o}."ID" = :own_order)"""
"""That an order is the caller's own; `:order` may name one."""
MY_ITEMS = SelectedList(
    ShipmentItem, f"{BUYERS_LIST} AND {MINE.format(o='o')}", ITEMS.options, key=("OrderID", "LineItemID")
)
FACTS: dict[str, Any] = {"tag": SHIPMENTS.title, "table": "shipment_items"}
READ = {"roles": SHIPMENTS.roles.read, "user_types": allowed_types(SHIPMENTS.access, Right.READ), **FACTS}
WRITE = {"roles": SHIPMENTS.roles.write, "user_types": allowed_types(SHIPMENTS.access, Right.WRITE), **FACTS}


@operation(
    "Shipments.ListItems",
    "GET",
    COLLECTION,
    summary="List what is in a shipment",
    lists=ITEMS.options,
    returns=Returns(ShipmentItem, page=True),
    errors=(NotFoundError,),
    confirms=True,
    **READ,
)
async def list_items(call: Call) -> Reply:
    """Two statements."""
    (shipment,) = await require(call, IN_SHIPMENT)
    shown = BUYERS_ITEMS if call.principal.user_type is UserType.BUYER else ITEMS
    return await shown.page(call, {"shipment": shipment})


@operation(
    "Shipments.GetItem",
    "GET",
    ITEM,
    summary="Get one line of a shipment",
    returns=Returns(ShipmentItem),
    errors=(NotFoundError,),
    confirms=True,
    **READ,
)
async def get_item(call: Call) -> Reply:
    """Three statements."""
    await confirm_standing(call)
    (shipment,) = await require(call, IN_SHIPMENT)
    return Reply(render(await _item(call, shipment, call.path["orderID"], call.path["lineItemID"])))


@operation(
    "Shipments.SaveItem",
    "POST",
    COLLECTION,
    summary="Put a quantity of a line into a shipment",
    body=Body(ShipmentItem),
    returns=Returns(ShipmentItem),
    errors=(NotFoundError, InvalidBodyError, ValidationError, ShippedQuantityError, ShipBundleError),
    unit=Unit.WRITE,
    moves=(OrderEvent.SHIP_LAST, OrderEvent.UNSHIP),
    **WRITE,
)
async def save_item(call: Call) -> Reply:
    """200, also for a line that the shipment has already: its quantity is replaced. Unsubmitted orders will do."""
    values = validate(ShipmentItem, call.body, partial=False)
    (shipment,) = await require(call, IN_SHIPMENT)
    if values["QuantityShipped"] < 1:
        message = "QuantityShipped is at least 1."
        raise ValidationError(PropertyError(message, {"Property": "QuantityShipped"}))
    line = await _line(call, values["OrderID"], values["LineItemID"])
    await _of_one_buyer(call, shipment, line)
    await put_line(call, shipment, line, values["QuantityShipped"])
    await count_shipped(call, [line["order_key"]])
    return Reply(render(await _item(call, shipment, values["OrderID"], line["ID"])))


@operation(
    "Shipments.DeleteItem",
    "DELETE",
    ITEM,
    summary="Take a line out of a shipment",
    status=204,
    errors=(NotFoundError,),
    unit=Unit.WRITE,
    moves=(OrderEvent.UNSHIP,),
    **WRITE,
)
async def delete_item(call: Call) -> Reply:
    """An order that was complete by what was shipped may be open again (ST-12)."""
    (shipment,) = await require(call, IN_SHIPMENT)
    item = await _item(call, shipment, call.path["orderID"], call.path["lineItemID"])
    await call.db.execute(REMOVE, call.marketplace_id, shipment, item["order_key"], item["LineItemID"])
    await count_shipped(call, [item["order_key"]])
    return Reply()


async def put_line(call: Call, shipment: str, line: asyncpg.Record, quantity: int) -> None:
    """The line with this quantity in the shipment. Raises ShipmentItem.CannotBeBundle and QuantityExceeded, 404 for a
    line of a canceled order, which takes no action.
    """
    if line["IsBundle"]:
        raise ShipBundleError({"LineItemID": line["ID"]})
    await lock_family(call, [line["order_key"]])
    left = await call.db.fetchrow(LEFT, call.marketplace_id, line["order_key"], line["ID"], shipment)
    if left is None or left["Status"] == OrderStatus.CANCELED:
        raise NotFoundError("LineItem", line["ID"])
    if quantity > left["quantity"]:
        raise ShippedQuantityError({"LineItemID": line["ID"], "Quantity": left["Quantity"]})
    await call.db.execute(UPSERT, call.marketplace_id, shipment, line["order_key"], line["ID"], quantity)


async def _line(call: Call, order_id: str, line_id: str) -> asyncpg.Record:
    caller = call.principal
    supplier = caller.company_id if caller.user_type is UserType.SUPPLIER else None
    row = await call.db.fetchrow(LINE, call.marketplace_id, order_id, line_id, supplier, caller.marketplace)
    if row is None:
        raise NotFoundError("LineItem", line_id)
    return row


async def _item(call: Call, shipment: str, order: str, line: str) -> asyncpg.Record:
    sql = BUYERS_ONE if call.principal.user_type is UserType.BUYER else ONE
    row = await call.db.fetchrow(sql, call.marketplace_id, shipment, order, line)
    if row is None:
        raise NotFoundError("ShipmentItem", line)
    return row


async def _of_one_buyer(call: Call, shipment: str, line: asyncpg.Record) -> None:
    """SHP-1: all lines are of orders of one buyer, which the first one settles. Others' lines do not exist."""
    buyer = await call.db.fetchval(BUYER, call.marketplace_id, shipment)
    of_order = {
        str(line[company]).lower()
        for company, of_seller in (("buyer", "begun_by_seller"), ("FromCompanyID", "from_seller"))
        if not line[of_seller]
    }
    if buyer is None and of_order:
        await call.db.execute(SET_BUYER, call.marketplace_id, shipment, line["buyer"])
    elif buyer is not None and of_order and buyer.lower() not in of_order:
        raise NotFoundError("LineItem", line["ID"])


OPERATIONS: tuple[Operation, ...] = (list_items, get_item, save_item, delete_item)

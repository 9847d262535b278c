"""Split and forward: orders from the marketplace owner to the suppliers of a buyer's lines (orders spec section 10)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, cast

from entrepot.declare.operation import Operation, Reply, Returns, Unit
from entrepot.declare.roles import sufficient
from entrepot.domain.orders.splitting import SplitLine, split
from entrepot.domain.orders.status import OrderEvent, OrderStatus
from entrepot.engine.call import Call
from entrepot.features.trade.orders import people
from entrepot.features.trade.orders.changing import render, write_order
from entrepot.features.trade.orders.creating import blank_order
from entrepot.features.trade.orders.models.enums import OrderDirection
from entrepot.features.trade.orders.models.orders import OrderSplitResult
from entrepot.features.trade.orders.people import Person
from entrepot.features.trade.orders.pricing.prices import price_order
from entrepot.features.trade.orders.reference import OrderRef, order_operation
from entrepot.features.trade.orders.resources import ORDER
from entrepot.features.trade.orders.rows import LineRow, OrderRow, by_name
from entrepot.features.trade.orders.store import Loaded, insert_order, load, require_order
from entrepot.features.trade.orders.transitions import begin
from entrepot.kernel.errors import NotFoundError, SplitOutgoingError, SplitUserTypeError, SubmitStatusError
from entrepot.kernel.user_types import UserType

Values = dict[str, Any]

ITEM = "/orders/{direction}/{orderID}"
NOTHING = Decimal(0)
FACTS: dict[str, Any] = {
    "tag": "Orders",
    "roles": sufficient("OrderAdmin"),
    "returns": Returns(OrderSplitResult),
    "errors": (NotFoundError, SplitUserTypeError, SplitOutgoingError, SubmitStatusError),
    "unit": Unit.WRITE,
    "table": "orders",
}
COPIED = (
    "ID",
    "ProductID",
    "Quantity",
    "Product",
    "Variant",
    "Specs",
    "DateNeeded",
    "CostCenter",
    "ShippingAccount",
    "ShippingAddressID",
    "ShippingAddress",
    "ShipFromAddressID",
    "ShipFromAddress",
    "SupplierID",
    "IsBundle",
    "BundleItemID",
    "bundle_id",
    "ad_hoc",
    "xp",
)
FORWARDER = """
SELECT mp.auto_forwarding_user_key FROM marketplaces mp
WHERE mp.marketplace_id = $1 AND EXISTS (
    SELECT 1 FROM products p WHERE p.marketplace_id = $1 AND p."ID" = ANY($2::citext[]) AND p."AutoForward")
"""
"""The user that forwards, if any of the products is to be forwarded."""


@order_operation(
    "Orders.Split",
    "POST",
    f"{ITEM}/split",
    summary="Make an unsubmitted order to each supplier",
    moves=(OrderEvent.CREATE,),
    **FACTS,
)
async def split_order(call: Call, where: OrderRef) -> Reply:
    """200 with the new orders, unsubmitted, and the lines that no supplier delivers."""
    return await _divide(call, where, submit=False)


@order_operation(
    "Orders.Forward",
    "POST",
    f"{ITEM}/forward",
    summary="Make and submit an order to each supplier",
    moves=(OrderEvent.FORWARD,),
    **FACTS,
)
async def forward_order(call: Call, where: OrderRef) -> Reply:
    """200 with the new orders, open, and the lines that no supplier delivers."""
    return await _divide(call, where, submit=True)


async def auto_forward(call: Call, loaded: Loaded, event: OrderEvent) -> None:
    """FWD-4: an order that has become open goes to its suppliers, where one of its products says so."""
    if event not in (OrderEvent.SUBMIT, OrderEvent.APPROVE_FINALLY):
        return
    products = [line["ProductID"] for line in loaded.lines if line["SupplierID"] is not None]
    key = await call.db.fetchval(FORWARDER, call.marketplace_id, products) if products else None
    sender = None if key is None else await people.user_of_key(call, key)
    if sender is not None:
        await forward(call, loaded, sender, submit=True)


async def _divide(call: Call, where: OrderRef, *, submit: bool) -> Reply:
    if call.principal.user_type is not UserType.SELLER:
        raise SplitUserTypeError
    if where.side is OrderDirection.OUTGOING:
        raise SplitOutgoingError
    order = await require_order(call, where, lock=True)
    if not order["to_seller"]:
        raise SplitOutgoingError
    if order["Status"] != OrderStatus.OPEN:
        raise SubmitStatusError(message="Only an open order goes to suppliers.")
    sender = await people.caller_itself(call)
    loaded = await load(call, order)
    made, remaining = await forward(call, loaded, sender, submit=submit)
    return Reply({"OutgoingOrders": [render(each) for each in made], "RemainingLineItemIDs": remaining})


async def forward(
    call: Call, loaded: Loaded, sender: Person, *, submit: bool
) -> tuple[list[OrderRow], list[str]]:
    """The orders made for the suppliers of lines that have not gone to one, and the IDs of the lines that stay.

    Each takes a statement for its row, one or two for its prices, one for its lines and one for its sums.
    """
    lines = {line["ID"]: line for line in loaded.lines}
    parts = split(
        SplitLine(line["ID"], line["SupplierID"], line["OutgoingOrderID"] is not None)
        for line in loaded.lines
        if not line["IsBundle"]
    )
    made = []
    for supplier, ids in parts.by_supplier.items():
        chosen = [lines[line_id] for line_id in ids]
        order = await _new_order(call, loaded.order, sender, supplier, submit=submit)
        await _copy_lines(call, loaded.order, order, chosen, submit=submit)
        for line in chosen:
            line["OutgoingOrderID"] = order["ID"]
        made.append(order)
    await write_order(call, loaded)
    return made, parts.remaining


async def _new_order(
    call: Call, origin: OrderRow, sender: Person, supplier: str, *, submit: bool
) -> OrderRow:
    order = blank_order()
    order |= {
        "ID": ORDER.generate_id(),
        "FromUser": sender.wire,
        "FromUserID": sender.id,
        "FromCompanyID": call.principal.marketplace,
        "from_seller": True,
        "ToCompanyID": supplier,
        "Currency": origin["Currency"],
        "ShippingAddressID": origin["ShippingAddressID"],
        "shipping_address": origin["shipping_address"],
        "user_key": sender.key,
        "origin_key": origin["key"],
    }
    begin(call, order, OrderEvent.FORWARD if submit else OrderEvent.CREATE)
    await insert_order(call, order)
    return order


async def _copy_lines(
    call: Call, origin: OrderRow, order: OrderRow, lines: list[LineRow], *, submit: bool
) -> None:
    """The lines in the new order, at the prices that the marketplace owner pays: the products' default ones (FWD-3)."""
    now = call.clock()
    copies = [
        {
            **{name: by_name(line)[name] for name in COPIED},
            **dict.fromkeys(("PromotionDiscount", "BaseDiscount", "LineSubtotal", "LineTotal"), NOTHING),
            "UnitPrice": NOTHING if line["ad_hoc"] else None,
            "DateAdded": now,
            "QuantityShipped": line["QuantityShipped"],
            "PriceOverridden": False,
            "IsOnSale": False,
            "InventoryRecordID": None,
            "PriceScheduleID": None,
            "IncomingOrderID": origin["ID"],
            "OutgoingOrderID": None,
            "InvitationID": None,
            "DiscountID": None,
            "source_order_key": origin["key"],
            "source_line_id": line["ID"],
        }
        for line in lines
    ]
    made = Loaded(order, cast("list[LineRow]", copies), order.copy(), {})
    await price_order(call, made)
    await write_order(call, made)


OPERATIONS: tuple[Operation, ...] = (split_order, forward_order)

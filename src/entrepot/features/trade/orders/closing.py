"""Cancel and complete (ST-7, ST-9 to ST-11, ST-14)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from entrepot.declare.operation import Operation, Reply, Returns, Unit
from entrepot.declare.roles import sufficient
from entrepot.domain.orders.status import Actor, OrderEvent, OrderStatus, transition
from entrepot.engine.call import Call
from entrepot.features.trade.orders.access import is_admin, require_own
from entrepot.features.trade.orders.changing import render
from entrepot.features.trade.orders.models.orders import Order
from entrepot.features.trade.orders.moving import move
from entrepot.features.trade.orders.pricing.stock import frozen_draws
from entrepot.features.trade.orders.pricing.taking import take
from entrepot.features.trade.orders.promotions.uses import lock_promotions
from entrepot.features.trade.orders.reference import OrderRef, order_operation
from entrepot.features.trade.orders.spending import credit
from entrepot.features.trade.orders.store import Loaded, load, require_order
from entrepot.kernel.errors import (
    CancelStatusError,
    CompleteStatusError,
    InsufficientRolesError,
    NotFoundError,
)

Values = dict[str, Any]

ITEM = "/orders/{direction}/{orderID}"


@order_operation(
    "Orders.Cancel",
    "POST",
    f"{ITEM}/cancel",
    tag="Orders",
    summary="Cancel an order",
    status=201,
    roles=sufficient("OrderAdmin", "Shopper"),
    returns=Returns(Order),
    errors=(NotFoundError, InsufficientRolesError, CancelStatusError),
    unit=Unit.WRITE,
    moves=(OrderEvent.CANCEL,),
    table="orders",
)
async def cancel(call: Call, where: OrderRef) -> Reply:
    """An open order gives its stock and its spending accounts back what is not shipped (ST-14)."""
    order = await require_order(call, where, lock=True)
    require_own(call.principal, order)
    before = OrderStatus(order["Status"])
    allowed = transition(OrderEvent.CANCEL, before)
    if allowed is None or (allowed.actor is Actor.ADMIN and not is_admin(call.principal)):
        raise CancelStatusError({"Status": before})
    loaded = await load(call, order)
    await lock_promotions(call, loaded)
    if before is OrderStatus.OPEN:
        await credit(call, loaded)
        await _restock(call, loaded)
    await move(call, loaded, OrderEvent.CANCEL)
    return Reply(render(order))


@order_operation(
    "Orders.Complete",
    "POST",
    f"{ITEM}/complete",
    tag="Orders",
    summary="Complete an order",
    status=201,
    roles=sufficient("OrderAdmin"),
    returns=Returns(Order),
    errors=(NotFoundError, CompleteStatusError),
    unit=Unit.WRITE,
    moves=(OrderEvent.COMPLETE,),
    table="orders",
)
async def complete(call: Call, where: OrderRef) -> Reply:
    """Whatever has been shipped (SHP-6)."""
    order = await require_order(call, where, lock=True)
    if transition(OrderEvent.COMPLETE, OrderStatus(order["Status"])) is None:
        raise CompleteStatusError({"Status": order["Status"]})
    loaded = await load(call, order)
    await move(call, loaded, OrderEvent.COMPLETE)
    return Reply(render(order))


async def _restock(call: Call, loaded: Loaded) -> None:
    """Give back what the lines have taken and not shipped."""
    shipped = {line["ID"]: line["QuantityShipped"] for line in loaded.lines}
    draws = await frozen_draws(call, loaded)
    given = [replace(draw, quantity=shipped[draw.line_id] - draw.quantity) for draw in draws]
    await take(call, [draw for draw in given if draw.quantity < 0], check=False)


OPERATIONS: tuple[Operation, ...] = (cancel, complete)

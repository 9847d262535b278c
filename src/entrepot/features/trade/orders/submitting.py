"""Validate and submit (SUB-1, SUB-2).

all that it depends on is read (reading.py)   ->   the order is brought up to date (updating.py)
->   domain/orders/submitting.py decides   ->   the outcome is carried out (outcome.py)
"""

from __future__ import annotations

from typing import Any

from entrepot.declare.operation import Operation, Reply, Returns, Unit
from entrepot.declare.roles import sufficient
from entrepot.domain.orders.status import OrderEvent
from entrepot.domain.orders.submitting import STEPS, Decision, decide_submit
from entrepot.engine.call import Call
from entrepot.features.trade.orders.access import require_own
from entrepot.features.trade.orders.approvals.outcome import carry_out
from entrepot.features.trade.orders.changing import render
from entrepot.features.trade.orders.computing import computed
from entrepot.features.trade.orders.models.orders import Order
from entrepot.features.trade.orders.promotions.uses import redeem
from entrepot.features.trade.orders.reading import Read, read
from entrepot.features.trade.orders.reference import OrderRef, order_operation
from entrepot.features.trade.orders.store import Loaded, load, require_order
from entrepot.features.trade.orders.updating import bring_up_to_date
from entrepot.kernel.errors import (
    InsufficientRolesError,
    NotFoundError,
    OrderRefusedError,
)

Values = dict[str, Any]

ITEM = "/orders/{direction}/{orderID}"


@order_operation(
    "Orders.Validate",
    "POST",
    f"{ITEM}/validate",
    tag="Orders",
    summary="Check whether an order could be submitted",
    status=204,
    roles=sufficient("OrderAdmin", "OrderReader", "Shopper"),
    errors=(NotFoundError, OrderRefusedError),
    confirms=True,
    table="orders",
)
async def validate(call: Call, where: OrderRef) -> Reply:
    """The checks of a submit, without a lock and without a change (SUB-1)."""
    loaded = await load(call, await require_order(call, where, lock=False))
    decision = await _decision(call, loaded, await read(call, loaded, lock=False))
    if decision.errors:
        raise OrderRefusedError(*decision.errors)
    return Reply()


@order_operation(
    "Orders.Submit",
    "POST",
    f"{ITEM}/submit",
    tag="Orders",
    summary="Submit an order",
    status=201,
    roles=sufficient("OrderAdmin", "Shopper"),
    returns=Returns(Order),
    errors=(NotFoundError, InsufficientRolesError, OrderRefusedError),
    unit=Unit.WRITE,
    moves=(OrderEvent.SUBMIT, OrderEvent.SUBMIT_FOR_APPROVAL, OrderEvent.FORWARD),
    steps=STEPS,
    table="orders",
)
async def submit(call: Call, where: OrderRef) -> Reply:
    """Open, or AwaitingApproval where a rule asks for it (ST-2, ST-3)."""
    order = await require_order(call, where, lock=True)
    require_own(call.principal, order)
    loaded = await load(call, order)
    await submit_order(call, loaded)
    return Reply(render(loaded.order))


async def submit_order(call: Call, loaded: Loaded) -> None:
    """Submit an order under its lock, in the unit of the caller: all of it or nothing. Raises OrderRefusedError with
    everything that stands against it.

    The number of statements does not depend on that of lines: at most 16, and six more for promotions.
    """
    found = await read(call, loaded, lock=True)
    decision = await _decision(call, loaded, found)
    if decision.errors:
        raise OrderRefusedError(*decision.errors)
    redeem(loaded)
    await carry_out(call, loaded, decision, found.last_round + 1)


async def _decision(call: Call, loaded: Loaded, found: Read) -> Decision:
    """The order brought up to date, and what is to become of it."""
    submission = bring_up_to_date(loaded, found)
    return await computed(call, found.budget, lambda: decide_submit(submission))


OPERATIONS: tuple[Operation, ...] = (validate, submit)

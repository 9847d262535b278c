"""Approve and decline (APR-3, APR-4)."""

from __future__ import annotations

from typing import Any

from entrepot.declare.operation import Body, Operation, Reply, Returns, Unit
from entrepot.declare.roles import sufficient
from entrepot.domain.expressions.uses import asks_for_categories
from entrepot.domain.orders.approvals import ApprovalStatus
from entrepot.domain.orders.status import OrderEvent, OrderStatus
from entrepot.domain.orders.submitting import Submission, decide_approval
from entrepot.engine.call import Call
from entrepot.engine.wire.models import validate
from entrepot.features.trade.orders import people
from entrepot.features.trade.orders.about import ORDER_APPROVALS
from entrepot.features.trade.orders.access import owns
from entrepot.features.trade.orders.approvals.outcome import carry_out
from entrepot.features.trade.orders.approvals.rounds import (
    Round,
    give_answer,
    groups_of,
    read_rounds,
)
from entrepot.features.trade.orders.approvals.rules import read_rules
from entrepot.features.trade.orders.changing import render
from entrepot.features.trade.orders.computing import computed
from entrepot.features.trade.orders.environment import environment_of
from entrepot.features.trade.orders.models.orders import Order, OrderApprovalInfo
from entrepot.features.trade.orders.moving import move
from entrepot.features.trade.orders.pricing.stock import frozen_draws
from entrepot.features.trade.orders.reference import OrderRef, order_operation
from entrepot.features.trade.orders.spending import read_payments
from entrepot.features.trade.orders.store import Loaded, load, require_order
from entrepot.kernel.errors import (
    InvalidBodyError,
    MustAwaitApprovalError,
    NotEligibleToApproveError,
    NotFoundError,
    OrderRefusedError,
    ValidationError,
)

Values = dict[str, Any]

ITEM = "/orders/{direction}/{orderID}"
REFUSALS = (
    NotFoundError,
    InvalidBodyError,
    ValidationError,
    MustAwaitApprovalError,
    NotEligibleToApproveError,
)


@order_operation(
    "Orders.Approve",
    "POST",
    f"{ITEM}/approve",
    tag="Orders",
    summary="Approve an order",
    status=201,
    roles=sufficient("OrderAdmin", "Shopper"),
    body=Body(OrderApprovalInfo, required=False),
    returns=Returns(Order),
    errors=(*REFUSALS, OrderRefusedError),
    unit=Unit.WRITE,
    moves=(OrderEvent.APPROVE, OrderEvent.APPROVE_FINALLY, OrderEvent.FORWARD),
    table="orders",
)
async def approve(call: Call, where: OrderRef) -> Reply:
    """All that waits for the caller's groups is approved; the last approval opens the order (ST-4)."""
    loaded, its, answered = await _answer(call, where, ApprovalStatus.APPROVED)
    rules, _ = await read_rules(call, loaded, lock=True)
    last = all(each.answer is not ApprovalStatus.PENDING for each in its.given)
    categories = any(asks_for_categories(rule.expression) for rule in rules)
    payments = await read_payments(call, loaded, lock=True) if last else ()
    draws = await frozen_draws(call, loaded) if last else ()
    snapshot = Submission(
        status=OrderStatus(loaded.order["Status"]),
        total=loaded.order["Total"],
        environment=await environment_of(call, loaded, categories=categories),
        payments=payments,
        draws=draws,
        rules=rules,
        given=its.given,
    )
    decision = await computed(call, snapshot.environment.budget, lambda: decide_approval(snapshot))
    if decision.errors:
        raise OrderRefusedError(*decision.errors)
    await carry_out(call, loaded, decision, its.number, answered=answered)
    return Reply(render(loaded.order))


@order_operation(
    "Orders.Decline",
    "POST",
    f"{ITEM}/decline",
    tag="Orders",
    summary="Decline an order",
    status=201,
    roles=sufficient("OrderAdmin", "Shopper"),
    body=Body(OrderApprovalInfo, required=False),
    returns=Returns(Order),
    errors=REFUSALS,
    unit=Unit.WRITE,
    moves=(OrderEvent.DECLINE, OrderEvent.DECLINE_FOR_NOW),
    table="orders",
)
async def decline(call: Call, where: OrderRef) -> Reply:
    """One decline ends the round (APR-4): for good, or until the order is submitted again (ST-5, ST-6)."""
    loaded, its, answered = await _answer(call, where, ApprovalStatus.DECLINED)
    again = any(row["AllowResubmit"] for row in answered)
    event = OrderEvent.DECLINE_FOR_NOW if again else OrderEvent.DECLINE
    await move(call, loaded, event, decided=groups_of(its.rows))
    return Reply(render(loaded.order))


async def _answer(call: Call, where: OrderRef, status: ApprovalStatus) -> tuple[Loaded, Round, list[Values]]:
    """Give the caller's answer to all pending approvals of its groups. Five statements.

    The order under its lock, its current round, and the approvals that have been answered.
    """
    info = validate(OrderApprovalInfo, call.body, partial=False)
    order = await require_order(call, where, lock=True)
    if order["Status"] != OrderStatus.AWAITING_APPROVAL:
        raise MustAwaitApprovalError({"Status": order["Status"]})
    rounds = await read_rounds(call, ORDER_APPROVALS, order["key"], call.principal.user_key)
    pending = rounds[-1].to_be_given() if rounds else []
    if not pending or owns(call.principal, order):
        raise NotEligibleToApproveError
    own = await people.caller_itself(call)
    loaded = await load(call, order)
    answer = {"Status": status, "Comments": info["Comments"], "AllowResubmit": info["AllowResubmit"]}
    await give_answer(call, ORDER_APPROVALS, loaded.key, pending, own, answer)
    return loaded, rounds[-1], pending


OPERATIONS: tuple[Operation, ...] = (approve, decline)

"""Validate and submit (SUB-1, SUB-2): a snapshot is read, domain/orders/submitting.py decides, the outcome is saved."""

from __future__ import annotations

from typing import Any

from entrepot.declare.operation import Operation, Reply, Returns, Unit
from entrepot.declare.roles import sufficient
from entrepot.domain.expressions.uses import asks_for_categories
from entrepot.domain.orders.status import Event, OrderStatus, transition
from entrepot.domain.orders.submitting import STEPS, OrderedLine, Standing, Submission, decide_submit
from entrepot.engine.call import Call
from entrepot.engine.standing import confirm_standing
from entrepot.features.orders.access import require_own
from entrepot.features.orders.changing import render
from entrepot.features.orders.computing import computed
from entrepot.features.orders.environment import environment_of
from entrepot.features.orders.line_checks import refusals_of
from entrepot.features.orders.models.orders import Order
from entrepot.features.orders.outcome import carry_out
from entrepot.features.orders.priced import PricedOrder
from entrepot.features.orders.pricing import price_order
from entrepot.features.orders.promotions_uses import check_promotions, redeem
from entrepot.features.orders.reference import OrderRef, order_operation
from entrepot.features.orders.rows import LineRow
from entrepot.features.orders.rules import read_rules
from entrepot.features.orders.spending import read_payments
from entrepot.features.orders.stock import Records, draws_of, read_records, record_of
from entrepot.features.orders.store import Loaded, load, require_order
from entrepot.features.orders.trading import read_trading
from entrepot.kernel.errors import (
    ApiError,
    InsufficientRolesError,
    NotFoundError,
    OrderRefusedError,
    PurchaseBundleError,
    SubmitStatusError,
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
    await confirm_standing(call)
    loaded = await load(call, await require_order(call, where, lock=False))
    snapshot, _ = await _snapshot(call, loaded, lock=False)
    decision = await computed(call, snapshot.environment.budget, lambda: decide_submit(snapshot))
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
    moves=(Event.SUBMIT, Event.SUBMIT_FOR_APPROVAL, Event.FORWARD),
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
    snapshot, last_round = await _snapshot(call, loaded, lock=True)
    decision = await computed(call, snapshot.environment.budget, lambda: decide_submit(snapshot))
    if decision.errors:
        raise OrderRefusedError(*decision.errors)
    redeem(loaded)
    await carry_out(call, loaded, decision, last_round + 1)


async def _snapshot(call: Call, loaded: Loaded, *, lock: bool) -> tuple[Submission, int]:
    """The order brought up to date, all that its submit depends on, and the number of its last round of approvals; with
    `lock` that stays so until the unit ends.

    Locks are taken in the order in which everybody takes them: order, user, promotions, spending accounts, rules, then
    products.
    """
    order = loaded.order
    if transition(Event.SUBMIT, OrderStatus(order["Status"])) is None:
        raise OrderRefusedError(SubmitStatusError({"Status": order["Status"]}))
    trading, calculated = await read_trading(call, loaded, lock=lock)
    priced = await price_order(call, loaded)
    records = await read_records(call, loaded, loaded.lines)
    promotions = await check_promotions(call, loaded, lock=lock)
    payments = await read_payments(call, loaded, lock=lock)
    rules, last_round = await read_rules(call, loaded, lock=lock)
    categories = any(asks_for_categories(rule.expression) for rule in rules)
    snapshot = Submission(
        status=OrderStatus(order["Status"]),
        total=order["Total"],
        environment=await environment_of(call, loaded, priced, categories=categories),
        calculated=calculated,
        trading=trading,
        lines=tuple(_ordered(priced, records, line) for line in loaded.lines),
        payments=payments,
        promotions=tuple(promotions),
        draws=tuple(draws_of(loaded, priced, records)),
        rules=rules,
    )
    return snapshot, last_round


def _ordered(priced: PricedOrder, records: Records, line: LineRow) -> OrderedLine:
    """A line as the decision takes it. Lines of ad-hoc products are what an integration says they are (LI-6)."""
    if line["ad_hoc"]:
        return OrderedLine(line["ID"], line["ProductID"])
    standing = _standing(priced, line)
    refusals: list[ApiError] = []
    if standing is Standing.ORDERABLE:
        product = priced.product(line)
        if product is not None and product.is_bundle and not line["IsBundle"]:
            refusals.append(PurchaseBundleError({"ProductID": line["ProductID"]}))
        refusals += refusals_of(priced, line, final=True)
    if line["InventoryRecordID"] and record_of(records, line) is None:
        refusals.append(NotFoundError("InventoryRecord", line["InventoryRecordID"]))
    return OrderedLine(line["ID"], line["ProductID"], standing, tuple(refusals))


def _standing(priced: PricedOrder, line: LineRow) -> Standing:
    """LI-5. What the user cannot see any more is gone for it."""
    product = priced.product(line)
    if product is None:
        return Standing.GONE
    if not product.active:
        return Standing.INACTIVE
    if product.is_parent:
        return Standing.PARENT
    if not product.visible:
        return Standing.GONE
    return Standing.ORDERABLE if product.sold else Standing.NOT_SOLD


OPERATIONS: tuple[Operation, ...] = (validate, submit)

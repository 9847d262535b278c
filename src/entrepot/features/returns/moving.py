"""Returns move on: submit, approve, decline, cancel, complete (RET-5)."""

from __future__ import annotations

from typing import Any

from entrepot.declare.operation import Body, Operation, Reply, Returns, Unit, operation
from entrepot.declare.roles import sufficient
from entrepot.domain.orders.approvals import ApprovalStatus
from entrepot.domain.orders.status import OrderStatus
from entrepot.domain.returns.approvals import decide_approval, decide_submit
from entrepot.domain.returns.status import Event, transition
from entrepot.engine.call import Call
from entrepot.engine.wire.models import validate
from entrepot.features.orders import people
from entrepot.features.orders.approvals import groups_of
from entrepot.features.orders.computing import computed
from entrepot.features.orders.models.orders import ApprovalInfo
from entrepot.features.orders.models.returns import OrderReturn
from entrepot.features.returns.access import may, require_writer
from entrepot.features.returns.approvals import (
    add_demands,
    answer,
    environment_of_return,
    given,
    pending,
    read_approvals,
    read_rules,
)
from entrepot.features.returns.editing import check_again
from entrepot.features.returns.notices import tell
from entrepot.features.returns.resources import RETURNS
from entrepot.features.returns.store import OpenReturn, open_return, render, save_return
from entrepot.kernel.errors import (
    CancelStatusError,
    CancelUnsubmittedReturnError,
    CloseReturnError,
    CompleteReturnAmountError,
    CompleteReturnStatusError,
    InsufficientRolesError,
    InvalidBodyError,
    NotEligibleToApproveReturnError,
    NotFoundError,
    ReturnOrderStatusError,
    ReturnQuantityError,
    SubmitStatusError,
    UserGoneError,
    ValidationError,
)

Values = dict[str, Any]

ITEM = f"{RETURNS.path}/{{returnID}}"
ADMIN = sufficient("OrderAdmin")
FACTS: dict[str, Any] = {
    "tag": "Order Returns",
    "table": "order_returns",
    "guests": False,
    "status": 201,
    "returns": Returns(OrderReturn),
    "unit": Unit.WRITE,
}
ANSWERS: dict[str, Any] = {
    "roles": ADMIN,
    "body": Body(ApprovalInfo, required=False),
    "errors": (NotFoundError, InvalidBodyError, ValidationError, NotEligibleToApproveReturnError),
    **FACTS,
}


@operation(
    "OrderReturns.Submit",
    "POST",
    f"{ITEM}/submit",
    summary="Submit an order return",
    roles=RETURNS.roles.write,
    errors=(
        NotFoundError,
        InsufficientRolesError,
        SubmitStatusError,
        ReturnOrderStatusError,
        ReturnQuantityError,
    ),
    **FACTS,
)
async def submit(call: Call) -> Reply:
    """Open, or AwaitingApproval where a seller's rule asks for it. At most ten statements."""
    opened = await open_return(call)
    require_writer(call, opened.loaded.order)
    row = opened.row
    if transition(Event.SUBMIT, OrderStatus(row["Status"])) is None:
        raise SubmitStatusError({"Status": row["Status"]})
    check_again(opened)
    row["submitter_key"] = call.principal.user_key
    rules = await read_rules(call, opened)
    environment = await environment_of_return(call, opened, rules)
    decision = await computed(call, environment.budget, lambda: decide_submit(rules, environment))
    at_once = any(demand.approved for demand in decision.demands)
    submitter = await people.user_of_key(call, call.principal.user_key) if at_once else None
    await make_move(call, opened, decision.event)
    approvals = await add_demands(call, opened, decision.demands, submitter)
    await tell(call, opened, decision.event, approvals, pending=groups_of(pending(approvals)))
    return Reply(render(row))


@operation("OrderReturns.Approve", "POST", f"{ITEM}/approve", summary="Approve an order return", **ANSWERS)
async def approve(call: Call) -> Reply:
    """All that waits for the caller's groups; with the last approval the return is open."""
    opened, approvals, answered = await _answer(call, ApprovalStatus.APPROVED)
    rules = await read_rules(call, opened)
    environment = await environment_of_return(call, opened, rules)
    before = given(approvals)
    decision = await computed(call, environment.budget, lambda: decide_approval(rules, environment, before))
    at_once = any(demand.approved for demand in decision.demands)
    submitter = await people.user_of_key(call, opened.row["submitter_key"]) if at_once else None
    await make_move(call, opened, decision.event)
    added = await add_demands(call, opened, decision.demands, submitter)
    await tell(
        call,
        opened,
        decision.event,
        [*approvals, *added],
        pending=groups_of(pending(added)),
        decided=groups_of(answered),
    )
    return Reply(render(opened.row))


@operation("OrderReturns.Decline", "POST", f"{ITEM}/decline", summary="Decline an order return", **ANSWERS)
async def decline(call: Call) -> Reply:
    """One decline is the end of it."""
    opened, approvals, _ = await _answer(call, ApprovalStatus.DECLINED)
    await make_move(call, opened, Event.DECLINE)
    await tell(call, opened, Event.DECLINE, approvals, decided=groups_of(approvals))
    return Reply(render(opened.row))


@operation(
    "OrderReturns.Cancel",
    "POST",
    f"{ITEM}/cancel",
    summary="Cancel an order return",
    roles=RETURNS.roles.write,
    errors=(
        NotFoundError,
        InsufficientRolesError,
        CancelUnsubmittedReturnError,
        CancelStatusError,
        CloseReturnError,
    ),
    **FACTS,
)
async def cancel(call: Call) -> Reply:
    """A canceled one is canceled once: Order.CannotCancelInCurrentStatus (code inferred)."""
    opened = await open_return(call)
    require_writer(call, opened.loaded.order)
    status = OrderStatus(opened.row["Status"])
    if status is OrderStatus.UNSUBMITTED:
        raise CancelUnsubmittedReturnError
    if transition(Event.CANCEL, status) is None:
        raise CancelStatusError({"Status": status})
    if not may(call, opened.row, Event.CANCEL):
        raise CloseReturnError
    await make_move(call, opened, Event.CANCEL)
    return Reply(render(opened.row))


@operation(
    "OrderReturns.Complete",
    "POST",
    f"{ITEM}/complete",
    summary="Complete an order return",
    roles=ADMIN,
    errors=(NotFoundError, CompleteReturnStatusError, CompleteReturnAmountError),
    **FACTS,
)
async def complete(call: Call) -> Reply:
    """Whatever has been refunded, as long as it is known what is to be."""
    opened = await open_return(call)
    if transition(Event.COMPLETE, OrderStatus(opened.row["Status"])) is None:
        raise CompleteReturnStatusError({"Status": opened.row["Status"]})
    amount = opened.row["RefundAmount"]
    if amount is None or amount < 0:
        raise CompleteReturnAmountError({"RefundAmount": amount})
    await make_move(call, opened, Event.COMPLETE)
    await tell(call, opened, Event.COMPLETE)
    return Reply(render(opened.row))


async def make_move(call: Call, opened: OpenReturn, event: Event) -> None:
    """Give the return the status and the dates of an event, and write it."""
    row = opened.row
    move = transition(event, OrderStatus(row["Status"]))
    assert move is not None
    assert move.after is not None
    row["Status"] = move.after
    for name in move.dates:
        row[name] = call.clock()
    await save_return(call, opened)


async def _answer(call: Call, status: ApprovalStatus) -> tuple[OpenReturn, list[Values], list[Values]]:
    """Give the caller's answer to all pending approvals of its groups. Six statements.

    The return under its lock, its approvals, and those that have been answered.
    """
    info = validate(ApprovalInfo, call.body, partial=False)
    opened = await open_return(call)
    if opened.row["Status"] != OrderStatus.AWAITING_APPROVAL:
        raise NotEligibleToApproveReturnError({"Status": opened.row["Status"]})
    approvals, mine = await read_approvals(call, opened)
    if not mine:
        raise NotEligibleToApproveReturnError
    own = await people.user_of_key(call, call.principal.user_key)
    if own is None:
        raise UserGoneError
    await answer(call, opened, mine, own, status, info["Comments"])
    return opened, approvals, mine


OPERATIONS: tuple[Operation, ...] = (submit, approve, decline, cancel, complete)

"""Returns move on: submit, approve, decline, cancel, complete (RET-5)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from entrepot.declare.operation import Body, Operation, Reply, Returns, Unit, operation
from entrepot.declare.roles import sufficient
from entrepot.domain.orders.approvals import ApprovalStatus
from entrepot.domain.orders.status import OrderStatus
from entrepot.domain.returns.approvals import Decision, decide_approval, decide_submit
from entrepot.domain.returns.status import ReturnEvent, transition
from entrepot.engine.call import Call
from entrepot.engine.wire.models import validate
from entrepot.features.trade.orders import people
from entrepot.features.trade.orders.approvals.rounds import (
    Approver,
    Round,
    add_demands,
    give_answer,
    groups_of,
    pending,
    read_rounds,
)
from entrepot.features.trade.orders.computing import computed
from entrepot.features.trade.orders.models.orders import ApprovalInfo
from entrepot.features.trade.orders.models.returns import OrderReturn
from entrepot.features.trade.orders.notices import tell
from entrepot.features.trade.orders.rows import by_name
from entrepot.features.trade.returns.about import RETURN_APPROVALS, about_return
from entrepot.features.trade.returns.access import may, require_writer
from entrepot.features.trade.returns.editing import check_again
from entrepot.features.trade.returns.resources import RETURNS
from entrepot.features.trade.returns.rules import environment_of_return, read_rules
from entrepot.features.trade.returns.store import OpenReturn, open_return, render, save_return
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
    if transition(ReturnEvent.SUBMIT, OrderStatus(row["Status"])) is None:
        raise SubmitStatusError({"Status": row["Status"]})
    check_again(opened)
    row["submitter_key"] = call.principal.user_key
    rules = await read_rules(call, opened, lock=True)
    environment = await environment_of_return(call, opened, rules)
    decision = await computed(call, environment.budget, lambda: decide_submit(rules, environment))
    await _carry_out(call, opened, decision)
    return Reply(render(row))


@operation("OrderReturns.Approve", "POST", f"{ITEM}/approve", summary="Approve an order return", **ANSWERS)
async def approve(call: Call) -> Reply:
    """All that waits for the caller's groups; with the last approval the return is open."""
    opened, its, answered = await _answer(call, ApprovalStatus.APPROVED)
    rules = await read_rules(call, opened, lock=True)
    environment = await environment_of_return(call, opened, rules)
    decision = await computed(
        call, environment.budget, lambda: decide_approval(rules, environment, its.given)
    )
    await _carry_out(call, opened, decision, answered)
    return Reply(render(opened.row))


@operation("OrderReturns.Decline", "POST", f"{ITEM}/decline", summary="Decline an order return", **ANSWERS)
async def decline(call: Call) -> Reply:
    """One decline is the end of it."""
    opened, its, _ = await _answer(call, ApprovalStatus.DECLINED)
    await move(call, opened, ReturnEvent.DECLINE, decided=groups_of(its.rows))
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
    if transition(ReturnEvent.CANCEL, status) is None:
        raise CancelStatusError({"Status": status})
    if not may(call, opened.row, ReturnEvent.CANCEL):
        raise CloseReturnError
    await move(call, opened, ReturnEvent.CANCEL)
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
    if transition(ReturnEvent.COMPLETE, OrderStatus(opened.row["Status"])) is None:
        raise CompleteReturnStatusError({"Status": opened.row["Status"]})
    amount = opened.row["RefundAmount"]
    if amount is None or amount < 0:
        raise CompleteReturnAmountError({"RefundAmount": amount})
    await move(call, opened, ReturnEvent.COMPLETE)
    return Reply(render(opened.row))


async def move(
    call: Call,
    opened: OpenReturn,
    event: ReturnEvent,
    *,
    pending: Iterable[int] = (),
    decided: Iterable[int] = (),
) -> None:
    """Give the return the status and the dates of an event, write it and tell of it; the last two as `tell` takes them."""
    row = opened.row
    made = transition(event, OrderStatus(row["Status"]))
    assert made is not None
    assert made.after is not None
    row["Status"] = made.after
    by_name(row).update(dict.fromkeys(made.dates, call.clock()))
    await save_return(call, opened)
    await tell(call, about_return(opened), event, pending=pending, decided=decided)


async def _carry_out(
    call: Call,
    opened: OpenReturn,
    decision: Decision,
    answered: Sequence[Values] = (),
) -> None:
    """Move the return as was decided. answered: the approvals that are new."""
    submitter, key = None, opened.row["submitter_key"]
    if key is not None and any(demand.approved for demand in decision.demands):
        found = await people.user_of_key(call, key)
        submitter = None if found is None else Approver.of(found.key, found.wire)
    added = await add_demands(call, about_return(opened), decision.demands, 1, submitter)
    asked, decided = groups_of(pending(added)), groups_of(answered)
    await move(call, opened, decision.event, pending=asked, decided=decided)


async def _answer(call: Call, status: ApprovalStatus) -> tuple[OpenReturn, Round, list[Values]]:
    """Give the caller's answer to all pending approvals of its groups. Six statements.

    The return under its lock, its approvals, and those that have been answered.
    """
    info = validate(ApprovalInfo, call.body, partial=False)
    opened = await open_return(call)
    if opened.row["Status"] != OrderStatus.AWAITING_APPROVAL:
        raise NotEligibleToApproveReturnError({"Status": opened.row["Status"]})
    caller = call.principal.user_key
    rounds = await read_rounds(call, RETURN_APPROVALS, opened.key, caller)
    # Whoever has submitted the return answers nothing (APR-3).
    mine = rounds[-1].to_be_given() if rounds and caller != opened.row["submitter_key"] else []
    if not mine:
        raise NotEligibleToApproveReturnError
    own = await people.caller_itself(call)
    answer = {"Status": status, "Comments": info["Comments"]}
    await give_answer(call, RETURN_APPROVALS, opened.key, mine, own, answer)
    return opened, rounds[-1], mine


OPERATIONS: tuple[Operation, ...] = (submit, approve, decline, cancel, complete)

"""The life of returns, what may come back, and what is refunded (RET-2 to RET-7)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from entrepot.domain.expressions.environment import Environment
from entrepot.domain.orders.approvals import ApprovalStatus, Given, Rule
from entrepot.domain.orders.status import OrderStatus
from entrepot.domain.returns.amounts import (
    Amounts,
    Calculation,
    Item,
    amounts_of,
    check_amounts,
    is_calculated,
)
from entrepot.domain.returns.approvals import decide_approval, decide_submit
from entrepot.domain.returns.items import ReturnableLine, Wanted, check_items, require_returnable_order
from entrepot.domain.returns.refunds import Refunding, check_refund
from entrepot.domain.returns.status import Actor, ReturnEvent, transition
from entrepot.kernel.errors import ApiError

S, E, A = OrderStatus, ReturnEvent, Actor
MOVES = {
    (E.EDIT, S.UNSUBMITTED): (S.UNSUBMITTED, A.OWNER),
    (E.EDIT, S.AWAITING_APPROVAL): (S.AWAITING_APPROVAL, A.ADMIN),
    (E.EDIT, S.OPEN): (S.OPEN, A.ADMIN),
    (E.SUBMIT, S.UNSUBMITTED): (S.OPEN, A.OWNER),
    (E.SUBMIT_FOR_APPROVAL, S.UNSUBMITTED): (S.AWAITING_APPROVAL, A.OWNER),
    (E.APPROVE, S.AWAITING_APPROVAL): (S.AWAITING_APPROVAL, A.APPROVER),
    (E.APPROVE_FINALLY, S.AWAITING_APPROVAL): (S.OPEN, A.APPROVER),
    (E.DECLINE, S.AWAITING_APPROVAL): (S.DECLINED, A.APPROVER),
    (E.COMPLETE, S.OPEN): (S.COMPLETED, A.ADMIN),
    (E.REFUND_LAST, S.OPEN): (S.COMPLETED, A.SYSTEM),
    (E.CANCEL, S.AWAITING_APPROVAL): (S.CANCELED, A.OWNER),
    (E.CANCEL, S.OPEN): (S.CANCELED, A.OWNER),
    (E.CANCEL, S.DECLINED): (S.CANCELED, A.OWNER),
    (E.CANCEL, S.COMPLETED): (S.CANCELED, A.ADMIN),
    **{(E.DELETE, status): (None, A.ADMIN if status is S.COMPLETED else A.OWNER) for status in S},
}


@pytest.mark.parametrize("event", list(ReturnEvent))
@pytest.mark.parametrize("status", list(OrderStatus))
def test_every_event_in_every_status(event: ReturnEvent, status: OrderStatus) -> None:
    """RET-5: Declined is final but for cancel and delete; only administrators touch what is completed."""
    move = transition(event, status)
    assert (None if move is None else (move.after, move.actor)) == MOVES.get((event, status))


def test_dates_are_set_when_the_event_occurs() -> None:
    """RET-5: approval sets DateApproved and DateSubmitted."""
    move = transition(ReturnEvent.APPROVE_FINALLY, OrderStatus.AWAITING_APPROVAL)
    assert move is not None
    assert move.dates == ("DateApproved", "DateSubmitted")


def refused(work: Callable[[], Any]) -> str | None:
    try:
        work()
    except ApiError as error:
        return error.code
    return None


LINES = (ReturnableLine("L1", 4, 2, returnable=True), ReturnableLine("L2", 4, 4, returnable=False))


@pytest.mark.parametrize(
    ("status", "wanted", "elsewhere", "admin", "code"),
    [
        (S.COMPLETED, [Wanted("l1", 4)], {}, False, None),
        (S.COMPLETED, [Wanted("L1", 5)], {}, False, "OrderReturn.ItemQuantityExceeded"),
        # RET-2's example: quantity 4, one returned -> 3.
        (S.COMPLETED, [Wanted("L1", 3)], {"l1": 1}, False, None),
        (S.COMPLETED, [Wanted("L1", 4)], {"l1": 1}, False, "OrderReturn.ItemQuantityExceeded"),
        (S.OPEN, [Wanted("L1", 2)], {}, False, None),
        (S.OPEN, [Wanted("L1", 3)], {}, True, "OrderReturn.ItemQuantityExceeded"),
        (S.OPEN, [Wanted("L1", 2)], {"l1": 1}, False, "OrderReturn.ItemQuantityExceeded"),
        (S.OPEN, [Wanted("L1")], {"l1": 2}, False, None),
        (S.COMPLETED, [Wanted("L2", 1)], {}, False, "OrderReturn.ProductNotEligibleToReturn"),
        (S.COMPLETED, [Wanted("L2", 1)], {}, True, None),
        (
            S.COMPLETED,
            [Wanted("L1", 1), Wanted("l1", 1)],
            {},
            True,
            "OrderReturn.CannotCreateDuplicateItemToReturn",
        ),
        (S.COMPLETED, [Wanted("L3", 1)], {}, True, "NotFound"),
        (S.COMPLETED, [], {}, False, None),
    ],
)
def test_items(
    status: OrderStatus, wanted: list[Wanted], elsewhere: dict[str, int], admin: bool, code: str | None
) -> None:
    """RET-2: shipped quantities of open orders, all of completed ones, less what other returns take back."""
    assert refused(lambda: check_items(wanted, LINES, status, elsewhere, admin=admin)) == code


def test_items_get_the_ids_of_the_order() -> None:
    assert check_items([Wanted("l2"), Wanted("l1", 1)], LINES, S.COMPLETED, {}, admin=True) == ["L2", "L1"]


@pytest.mark.parametrize("status", list(OrderStatus))
def test_orders_of_which_something_returns(status: OrderStatus) -> None:
    """RET-1"""
    code = None if status in (S.OPEN, S.COMPLETED) else "OrderReturn.CannotCreateBadOrderStatus"
    assert refused(lambda: require_returnable_order(status)) == code


def d(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


@pytest.mark.parametrize(
    ("items", "override", "calculation", "amounts"),
    [
        # RET-4's examples.
        (
            [Item("L1"), Item("L2")],
            None,
            Calculation(d("91.29"), {"L1": Decimal("80.54"), "l2": Decimal("10.75")}),
            Amounts(d("91.29"), (d("80.54"), d("10.75"))),
        ),
        (
            [Item("A", d("10")), Item("B", d("47.09")), Item("C", d("47.11"))],
            None,
            None,
            Amounts(d("104.20"), (d("10"), d("47.09"), d("47.11"))),
        ),
        ([], Decimal(5), None, Amounts(d("5.00"))),
        ([], None, Calculation(d("12.345")), Amounts(d("12.35"))),
        ([], None, None, Amounts(None)),
        ([Item("A"), Item("B")], None, None, Amounts(None, (None, None))),
        # The sum counts, whatever the integration says of the whole; what is given stays.
        (
            [Item("A", d("1")), Item("B"), Item("C")],
            None,
            Calculation(d("99"), {"A": Decimal(50), "B": Decimal("2.005")}),
            Amounts(d("3.01"), (d("1"), d("2.01"), None)),
        ),
        ([Item("A", d("1"))], d("0.5"), None, Amounts(d("0.50"), (d("1"),))),
    ],
)
def test_amounts(
    items: list[Item], override: Decimal | None, calculation: Calculation | None, amounts: Amounts
) -> None:
    """RET-3, RET-4"""
    assert amounts_of(items, override, calculation) == amounts


@pytest.mark.parametrize(
    ("items", "total", "asked"),
    [
        ([], None, True),
        ([], d("5"), False),
        ([Item("A", d("1")), Item("B")], d("5"), True),
        ([Item("A", d("1")), Item("B", d("0"))], None, False),
    ],
)
def test_when_an_integration_is_asked(items: list[Item], total: Decimal | None, asked: bool) -> None:
    """RET-4: unless each item has an amount, or the return if it has no items."""
    assert is_calculated(items, total) is asked


def test_negative_amounts() -> None:
    """RET-3"""
    code = "OrderReturn.RefundAmountMustNotBeNegative"
    assert refused(lambda: check_amounts(Decimal(-1), [])) == code
    assert refused(lambda: check_amounts(None, [None, Decimal("-0.01")])) == code
    assert refused(lambda: check_amounts(Decimal(0), [None, Decimal(0)])) is None


@pytest.mark.parametrize(
    ("refunding", "amount", "outcome"),
    [
        # RET-7's example: of 91.29, -50 leaves the return open, -41.29 completes it.
        (Refunding(S.OPEN, d("91.29"), Decimal(200)), "-50", False),
        (Refunding(S.OPEN, d("91.29"), Decimal(200), Decimal(50)), "-41.29", True),
        (
            Refunding(S.OPEN, d("91.29"), Decimal(200), Decimal(50)),
            "-41.30",
            "OrderReturn.TotalRefundsExceedRefundAmount",
        ),
        (Refunding(S.OPEN, d("91.29"), Decimal(90)), "-91.29", "OrderReturn.TotalRefundsExceedRefundAmount"),
        (
            Refunding(S.OPEN, d("60"), Decimal(90), Decimal(0), Decimal(40)),
            "-60",
            "OrderReturn.TotalRefundsExceedRefundAmount",
        ),
        (Refunding(S.OPEN, None, Decimal(90)), "-1", "OrderReturn.TotalRefundsExceedRefundAmount"),
        (Refunding(S.OPEN, d("60"), Decimal(90)), "0", "OrderReturn.PaymentValueMustBeNegative"),
        (Refunding(S.OPEN, d("60"), Decimal(90)), "1", "OrderReturn.PaymentValueMustBeNegative"),
        (Refunding(S.OPEN, d("60"), Decimal(90)), None, "OrderReturn.PaymentValueMustBeNegative"),
        (Refunding(S.COMPLETED, d("60"), Decimal(90)), "-1", "OrderReturn.CannotCreatePaymentBadStatus"),
    ],
)
def test_refunds(refunding: Refunding, amount: str | None, outcome: bool | str) -> None:
    """RET-7"""
    if isinstance(outcome, str):
        assert refused(lambda: check_refund(refunding, d(amount))) == outcome
    else:
        assert check_refund(refunding, d(amount)) is outcome


NOW = datetime(2026, 3, 15, tzinfo=UTC)
A1 = Rule("A", "G1", 1, "OrderReturn.RefundAmount > 10")
B1 = Rule("B", "G2", 2, "orderReturn.approved('A') and Order.DateCompleted < now(-30)")


def of_return(amount: int, days: int) -> Environment:
    completed = datetime(2026, 3, 15 - days, tzinfo=UTC) if days < 15 else datetime(2026, 1, 1, tzinfo=UTC)
    return Environment(
        now=NOW, order={"DateCompleted": completed}, order_return={"RefundAmount": Decimal(amount)}
    )


def test_rules_of_sellers() -> None:
    """APR-7, RET-6: rules about the order and the return, one after the other."""
    late = of_return(11, 60)
    first = decide_submit([A1, B1], late)
    assert (first.event, [each.rule.id for each in first.demands]) == (E.SUBMIT_FOR_APPROVAL, ["A"])
    second = decide_approval([A1, B1], late, [Given("A", ApprovalStatus.APPROVED)])
    assert (second.event, [each.rule.id for each in second.demands]) == (E.APPROVE, ["B"])
    last = decide_approval(
        [A1, B1], late, [Given("A", ApprovalStatus.APPROVED), Given("B", ApprovalStatus.APPROVED)]
    )
    assert (last.event, last.demands) == (E.APPROVE_FINALLY, ())
    assert decide_submit([A1, B1], of_return(10, 60)).event is E.SUBMIT
    soon = decide_approval([A1, B1], of_return(11, 3), [Given("A", ApprovalStatus.APPROVED)])
    assert soon.event is E.APPROVE_FINALLY


def test_a_submitter_that_approves_itself() -> None:
    """APR-2: a rule whose group has the submitter is approved at once, and counts for the rules that wait for it."""
    own = Rule("A", "G1", 1, "true", has_submitter=True)
    decision = decide_submit([own], of_return(1, 1))
    assert (decision.event, [each.approved for each in decision.demands]) == (E.SUBMIT, [True])
    both = decide_submit([own, B1], of_return(1, 60))
    assert (both.event, [each.approved for each in both.demands]) == (E.SUBMIT_FOR_APPROVAL, [True, False])

"""The decision about a submit and about the last approval, without a database (SUB-2, APR-2, APR-3, PAY-6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from entrepot.domain.expressions.environment import Environment
from entrepot.domain.orders.approvals import ApprovalStatus, Given, Rule, demands
from entrepot.domain.orders.status import OrderStatus
from entrepot.domain.orders.stock import Draw, Stock
from entrepot.domain.orders.submitting import (
    Account,
    Debit,
    Decision,
    OrderedLine,
    Paid,
    Standing,
    Submission,
    Trading,
    decide_approval,
    decide_submit,
)
from entrepot.domain.promotions.basket import Basket
from entrepot.domain.promotions.checks import Redeeming
from entrepot.kernel.errors import PriceScheduleMissingError, PromotionNotActiveError

NOW = datetime(2026, 1, 1, tzinfo=UTC)
DRAW = Draw("L", "P", None, 2, Stock("product", "P", "P", 5))
BASKET = Basket(order={}, lines=(), now=NOW)
ACCOUNT = Account(1, "A", Decimal(50))


def environment(total: int = 100) -> Environment:
    return Environment(now=NOW, order={"Total": Decimal(total)})


def order(**facts: Any) -> Submission:
    """An order of 100 that nothing stands against."""
    usual: dict[str, Any] = {
        "status": OrderStatus.UNSUBMITTED,
        "total": Decimal(100),
        "environment": environment(),
        "lines": (OrderedLine("L", "P"),),
        "draws": (DRAW,),
    }
    return Submission(**{**usual, **facts})


def codes(decision: Decision) -> list[str]:
    return [error.code for error in decision.errors]


def rule(name: str, expression: str, *, has_submitter: bool = False) -> Rule:
    return Rule(name, f"group {name}", ord(name[0]), expression, has_submitter)


def test_an_order_opens() -> None:
    decision = decide_submit(order(payments=(Paid("p", Decimal(30), account=ACCOUNT),)))
    assert decision.move is not None
    assert (decision.opens, decision.move.after, decision.move.rule) == (True, OrderStatus.OPEN, "ST-2")
    assert decision.draws == (DRAW,)
    assert decision.debits == (Debit("p", 1, Decimal(30)),)


REFUSALS: tuple[tuple[dict[str, Any], list[str]], ...] = (
    ({"calculated": False}, ["Order.CannotSubmitUncalculatedOrder"]),
    ({"trading": Trading(user_active=False)}, ["Auth.UserNotActive"]),
    ({"trading": Trading(company_active=False)}, ["Auth.CompanyNotActive"]),
    ({"trading": Trading(may_order=False)}, ["NotFound"]),
    ({"trading": Trading(order_currency="USD")}, ["Order.CurrencyMismatch"]),
    ({"trading": Trading(order_currency="USD", user_currency="USD")}, []),
    ({"lines": ()}, ["Order.CannotSubmitWithNoLineItems"]),
    ({"lines": (OrderedLine("L", "P", Standing.GONE),)}, ["Order.ProductsNotFound"]),
    ({"lines": (OrderedLine("L", "P", Standing.INACTIVE),)}, ["Order.CannotSubmitWithInactiveProduct"]),
    ({"lines": (OrderedLine("L", "P", Standing.PARENT),)}, ["Order.CannotSubmitWithParentProduct"]),
    ({"lines": (OrderedLine("L", "P", Standing.NOT_SOLD),)}, ["LineItem.ProductNotAvailableFromSeller"]),
    (
        {"lines": (OrderedLine("L", "P", refusals=(PriceScheduleMissingError(),)),)},
        ["PriceSchedule.MissingOrConflicting"],
    ),
    ({"payments": (Paid("p", Decimal(1), accepted=False),)}, ["Order.CannotSubmitWithUnaccceptedPayments"]),
    ({"payments": (Paid("p", None, account=ACCOUNT),)}, ["Payment.ExceedsBalance"]),
    ({"payments": (Paid("p", None, account=replace(ACCOUNT, exceeds=True)),)}, []),
    ({"payments": (Paid("p", Decimal(50), account=ACCOUNT),)}, []),
    (
        {"payments": (Paid("p", Decimal(30), account=ACCOUNT), Paid("q", Decimal(21), account=ACCOUNT))},
        ["Payment.ExceedsBalance"],
    ),
    (
        {"promotions": Redeeming(basket=BASKET, present=(), gone=("A", "B"))},
        [PromotionNotActiveError.code] * 2,
    ),
    ({"draws": (replace(DRAW, quantity=6),)}, ["Inventory.Insufficient"]),
    (
        {"draws": (replace(DRAW, quantity=3), replace(DRAW, line_id="M", quantity=3))},
        ["Inventory.Insufficient"] * 2,
    ),
)


@pytest.mark.parametrize(("facts", "expected"), REFUSALS)
def test_each_refusal(facts: dict[str, Any], expected: list[str]) -> None:
    """SUB-2: with an error nothing else is decided."""
    decision = decide_submit(order(**facts))
    assert codes(decision) == expected
    assert (decision.move is None) == bool(expected)
    if expected:
        assert decision == Decision(decision.errors)


def test_all_refusals_at_once() -> None:
    """SUB-1: in the order of SUB-2; each kind of bad product once, with all products of the kind."""
    lines = (
        OrderedLine("1", "A", Standing.GONE),
        OrderedLine("2", "B", Standing.GONE),
        OrderedLine("3", "C", Standing.PARENT),
    )
    facts = {
        "calculated": False,
        "lines": lines,
        "payments": (Paid("p", Decimal(60), accepted=False, account=ACCOUNT),),
        "draws": (replace(DRAW, quantity=6),),
        "trading": Trading(order_currency="EUR"),
    }
    decision = decide_submit(order(**facts))
    assert codes(decision) == [
        "Order.CannotSubmitUncalculatedOrder",
        "Order.CurrencyMismatch",
        "Order.ProductsNotFound",
        "Order.CannotSubmitWithParentProduct",
        "Order.CannotSubmitWithUnaccceptedPayments",
        "Payment.ExceedsBalance",
        "Inventory.Insufficient",
    ]
    assert decision.errors[2].data == ["A", "B"]


@pytest.mark.parametrize(
    "status", [status for status in OrderStatus if status is not OrderStatus.UNSUBMITTED]
)
def test_a_status_that_allows_none(status: OrderStatus) -> None:
    """SUB-2.1: nothing else is said."""
    assert codes(decide_submit(order(status=status, lines=()))) == ["Order.CannotSubmitBadStatus"]


A = rule("A", "order.Total > 100")
B = rule("B", "order.Total > 500 and order.approved('a')")
CASES: tuple[tuple[tuple[Rule, ...], tuple[Given, ...], int, list[tuple[str, bool]]], ...] = (
    ((A, B), (), 100, []),
    ((A, B), (), 600, [("A", False)]),
    ((A, B), (Given("A", ApprovalStatus.PENDING),), 600, []),
    ((A, B), (Given("A", ApprovalStatus.DECLINED),), 600, []),
    ((A, B), (Given("A", ApprovalStatus.APPROVED),), 600, [("B", False)]),
    ((A, B), (Given("A", ApprovalStatus.APPROVED),), 500, []),
    ((A, B), (Given("A", ApprovalStatus.APPROVED), Given("B", ApprovalStatus.APPROVED)), 600, []),
    # Approved at once, in a chain that does not follow the order of the rules.
    ((B, replace(A, has_submitter=True)), (), 600, [("A", True), ("B", False)]),
    ((replace(B, has_submitter=True), replace(A, has_submitter=True)), (), 600, [("A", True), ("B", True)]),
    ((rule("X", "order.approved('nobody')"),), (), 600, []),
)


@pytest.mark.parametrize(("rules", "given", "total", "expected"), CASES)
def test_what_rules_ask(
    rules: tuple[Rule, ...], given: tuple[Given, ...], total: int, expected: list[tuple[str, bool]]
) -> None:
    """APR-2 with its example; an approval once asked for is not asked for again."""
    found = demands(rules, environment(total), given)
    assert [(demand.rule.id, demand.approved) for demand in found] == expected


def test_a_rule_that_costs_too_much_asks() -> None:
    lines = [{"Quantity": 1}] * 2000
    heavy = rule("H", f"items.any({' or '.join(['Quantity = 2'] * 40)})")
    assert demands((heavy,), replace(environment(), items=lines))


def test_waiting_takes_nothing() -> None:
    """ST-3: stock and accounts are not drawn on before the order is open."""
    decision = decide_submit(
        order(rules=(rule("A", "true"),), payments=(Paid("p", None, account=replace(ACCOUNT, exceeds=True)),))
    )
    assert decision.move is not None
    assert decision.move.after is OrderStatus.AWAITING_APPROVAL
    assert (decision.draws, decision.debits, decision.opens) == ((), (), False)


def test_approvals() -> None:
    """ST-4: more pending, none pending, not enough money at the end."""
    waiting = order(status=OrderStatus.AWAITING_APPROVAL, rules=(A, B), environment=environment(600))
    more = decide_approval(replace(waiting, given=(Given("A", ApprovalStatus.APPROVED),)))
    assert more.move is not None
    assert (more.move.after, [demand.rule.id for demand in more.demands]) == (
        OrderStatus.AWAITING_APPROVAL,
        ["B"],
    )
    both = (Given("A", ApprovalStatus.APPROVED), Given("B", ApprovalStatus.APPROVED))
    done = decide_approval(replace(waiting, given=both))
    assert done.opens
    assert done.draws == (DRAW,)
    poor = decide_approval(replace(waiting, given=both, payments=(Paid("p", Decimal(51), account=ACCOUNT),)))
    assert codes(poor) == ["Payment.ExceedsBalance"]
    still = decide_approval(
        replace(waiting, given=(Given("A", ApprovalStatus.APPROVED), Given("C", ApprovalStatus.PENDING)))
    )
    assert not still.opens
    assert codes(decide_approval(order())) == ["Order.MustBeAwaitingApproval"]

"""The clauses of an expression: what is told is what the evaluator itself computed (issue 13, section 2)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from tests.domain.expressions.fixture import environment
from tests.domain.expressions.vectors import ELIGIBLE

from entrepot.domain.expressions.budget import Budget, TooManyStepsError
from entrepot.domain.expressions.compile import read_expression
from entrepot.domain.expressions.evaluate import Evaluation
from entrepot.domain.expressions.printer import print_expression
from entrepot.domain.expressions.tracing import Clause, Watched
from entrepot.domain.expressions.tree import Logic, Node, Not
from entrepot.domain.expressions.uses import Use


def combined(tree: Node, told: dict[str, Clause]) -> bool | None:
    """The truth of a tree from that of its clauses, which are asked no more than they were."""
    match tree:
        case Logic():
            decisive = tree.operator == "or"
            for each in tree.operands:
                if combined(each, told) is decisive:
                    return decisive
            return not decisive
        case Not():
            return not combined(tree.operand, told)
        case _:
            clause = told[print_expression(tree)]
            assert clause.holds is not None
            return clause.holds


@pytest.mark.parametrize("name", ELIGIBLE)
def test_clauses_make_the_whole(name: str) -> None:
    """Every vector: clauses combine to what the evaluator says, and stand where they are said to."""
    truth, text = ELIGIBLE[name]
    expected = truth == "T"
    tree = read_expression(text, Use.ORDER_PROMOTION)
    clauses = Watched(environment()).clauses(tree)
    assert Evaluation(environment()).truth(tree) is expected
    assert combined(tree, {each.text: each for each in clauses}) is expected
    for each in clauses:
        start = text[each.position :].lstrip("(").lower()
        assert start[:3] == each.text.lstrip("(-").lower()[:3], (name, each)
    assert expected or any(each.fails for each in clauses)


def test_what_was_seen_and_what_was_not_reached() -> None:
    text = "order.Subtotal > 200 and order.xp.Tier = 'Gold' or not (items.quantity(ProductID = 'ABC') = 3)"
    first, second, third = Watched(environment()).clauses(read_expression(text, Use.ORDER_PROMOTION))
    assert (first.text, first.position, first.holds, first.fails) == ("order.Subtotal > 200", 0, False, True)
    assert [(each.text, each.value) for each in first.seen] == [("order.Subtotal", Decimal(100))]
    assert (second.holds, second.fails, second.seen) == (None, False, ())
    assert text[third.position :].startswith("items.quantity")
    assert (third.holds, third.wanted, third.fails) == (True, False, True)
    assert [(each.text, each.value) for each in third.seen] == [
        ("items.quantity(ProductID = 'ABC')", Decimal(3))
    ]


def test_values_are_taken_apart() -> None:
    tree = read_expression("min(order.Subtotal * .25, 20) + items.count()", Use.ORDER_PROMOTION)
    parts = Watched(environment()).parts(tree)
    assert [(each.text, each.value) for each in parts] == [
        ("min(order.Subtotal * 0.25, 20)", Decimal(20)),
        ("order.Subtotal", Decimal(100)),
        ("items.count()", Decimal(3)),
    ]


def test_watching_costs_what_evaluating_costs() -> None:
    """The same steps, and the same end of them."""
    tree = read_expression("items.all(Quantity > 0) and order.Subtotal > 1", Use.ORDER_PROMOTION)
    budgets = [Budget(), Budget()]
    Evaluation(replace(environment(), budget=budgets[0])).truth(tree)
    Watched(replace(environment(), budget=budgets[1])).clauses(tree)
    assert budgets[0].left == budgets[1].left
    with pytest.raises(TooManyStepsError):
        Watched(replace(environment(), budget=Budget(2))).clauses(tree)

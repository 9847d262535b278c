"""Every vector of promotions.md: 66 of promotions, 24 of approval rules."""

import pytest
from tests.domain.expressions.fixture import BASKET, environment
from tests.domain.expressions.vectors import (
    APPROVAL,
    ELIGIBLE,
    LINE_LEVEL,
    SAVE_ERRORS,
    SELLER_APPROVAL,
    VALUES,
)

from entrepot.domain.expressions.compile import read_eligible_expression, read_expression
from entrepot.domain.expressions.environment import Environment
from entrepot.domain.expressions.evaluate import Evaluation
from entrepot.domain.expressions.uses import Use
from entrepot.domain.promotions.amounts import is_eligible, rows_of
from entrepot.domain.promotions.terms import Promotion
from entrepot.kernel.errors import ExpressionError


def test_all_are_here() -> None:
    """The sections' own counts."""
    assert len({**ELIGIBLE, **SAVE_ERRORS, **VALUES, **LINE_LEVEL}) == 66
    assert len({**APPROVAL, **SELLER_APPROVAL}) == 24


def judged(expression: str, use: Use, data: Environment) -> str:
    """T, F, or the error's code without its area."""
    try:
        tree = read_eligible_expression(expression, use)
    except ExpressionError as error:
        return error.code.removeprefix("Expression.")
    return "T" if Evaluation(data).truth(tree) else "F"


@pytest.mark.parametrize(("expected", "expression"), [*ELIGIBLE.values(), *SAVE_ERRORS.values()])
def test_order_level(expected: str, expression: str) -> None:
    """Sections 10a and 10b."""
    assert judged(expression, Use.ORDER_PROMOTION, environment()) == expected


def rows(eligible: str, value: str, use: Use) -> str:
    """`A=4.50, C=25.00`, at order level `10.00`, or the error's code."""
    try:
        promotion = Promotion(
            id="P",
            eligible=read_eligible_expression(eligible, use),
            value=read_expression(value, use),
            line_item_level=use.has_item,
        )
    except ExpressionError as error:
        return error.code.removeprefix("Expression.")
    if not is_eligible(promotion, BASKET, ()):
        return "NotEligible"
    found = rows_of(promotion, BASKET, ())
    return ", ".join(f"{r.line_item_id}={r.amount}" if r.line_item_id else f"{r.amount}" for r in found)


@pytest.mark.parametrize(("expected", "expression"), VALUES.values())
def test_values(expected: str, expression: str) -> None:
    """Section 10c."""
    assert rows("true", expression, Use.ORDER_PROMOTION) == expected


@pytest.mark.parametrize(("expected", "eligible", "value"), LINE_LEVEL.values())
def test_line_level(expected: str, eligible: str, value: str) -> None:
    """Section 10d."""
    assert rows(eligible, value, Use.LINE_PROMOTION) == expected


@pytest.mark.parametrize(("approved", "expected", "expression"), APPROVAL.values())
def test_approval_rules(approved: str, expected: str, expression: str) -> None:
    """Section 11a."""
    assert judged(expression, Use.APPROVAL_RULE, environment(approved=approved)) == expected


@pytest.mark.parametrize(("approved", "expected", "expression"), SELLER_APPROVAL.values())
def test_seller_approval_rules(approved: str, expected: str, expression: str) -> None:
    """Section 11b."""
    data = environment(approved=approved, of_return=True)
    assert judged(expression, Use.SELLER_APPROVAL_RULE, data) == expected

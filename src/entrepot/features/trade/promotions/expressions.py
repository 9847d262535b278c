"""The expressions of a promotion, checked when it is saved (EXPR-1, EXPR-2, EXPR-28)."""

from __future__ import annotations

from typing import Any

from entrepot.domain.expressions.compile import read_eligible_expression, read_expression
from entrepot.domain.expressions.uses import Use
from entrepot.engine.wire.refusals import required
from entrepot.kernel.errors import ExpressionError, InvalidExpressionsError, ValidationError

Values = dict[str, Any]


def check_expressions(promotion: Values) -> None:
    """Raise ValidationError for a blank expression, InvalidExpressionsError for what both of them do wrong."""
    blank = [name for name in ("EligibleExpression", "ValueExpression") if is_blank(promotion[name])]
    if blank:
        raise ValidationError(*(required(name) for name in blank))
    faults = expression_faults(promotion)
    if faults:
        raise InvalidExpressionsError(faults)


def expression_faults(promotion: Values) -> dict[str, ExpressionError]:
    """What is wrong with each of them, by property; nothing of those that are null."""
    use = Use.LINE_PROMOTION if promotion["LineItemLevel"] else Use.ORDER_PROMOTION
    faults: dict[str, ExpressionError] = {}
    for name, read in (
        ("EligibleExpression", read_eligible_expression),
        ("ValueExpression", read_expression),
    ):
        try:
            if promotion[name] is not None:
                read(promotion[name], use)
        except ExpressionError as fault:
            faults[name] = fault
    return faults


def is_blank(text: str | None) -> bool:
    """Whether there is nothing but white space where something is."""
    return text is not None and not text.strip()

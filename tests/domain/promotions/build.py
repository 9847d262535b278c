"""Promotions for tests, from the texts of their expressions."""

from typing import Any

from entrepot.domain.expressions.compile import read_eligible_expression, read_expression
from entrepot.domain.expressions.uses import Use
from entrepot.domain.promotions.terms import Promotion, Reduction


def promotion(
    promotion_id: str, value: str, eligible: str = "true", *, line: bool = False, **facts: Any
) -> Promotion:
    use = Use.LINE_PROMOTION if line else Use.ORDER_PROMOTION
    return Promotion(
        id=promotion_id,
        eligible=read_eligible_expression(eligible, use),
        value=read_expression(value, use),
        line_item_level=line,
        **facts,
    )


def spelled(rows: tuple[Reduction, ...]) -> str:
    """`A 3.00, C 3.00, 5.00`"""
    return ", ".join(f"{row.line_item_id or ''} {row.amount}".strip() for row in rows)

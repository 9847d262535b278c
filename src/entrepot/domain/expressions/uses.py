"""What an expression is for, which decides what it may name (EXPR-1, the table of section 1.4)."""

from __future__ import annotations

import enum


class Use(enum.Enum):
    """The kinds of expressions."""

    ORDER_PROMOTION = "order promotion"
    LINE_PROMOTION = "line promotion"
    APPROVAL_RULE = "approval rule"
    SELLER_APPROVAL_RULE = "seller approval rule"

    @property
    def has_item(self) -> bool:
        """Whether `item` is a line of the order."""
        return self is Use.LINE_PROMOTION

    @property
    def approvable(self) -> str | None:
        """The root that can be asked whether a rule is approved."""
        return {Use.APPROVAL_RULE: "order", Use.SELLER_APPROVAL_RULE: "orderreturn"}.get(self)


def asks_for_categories(expression: str) -> bool:
    """Whether an expression calls a function of categories."""
    text = expression.lower()
    return "incategory" in text or "inparentcategory" in text

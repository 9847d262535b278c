"""From text to a tree that has been checked for its use."""

from __future__ import annotations

from functools import lru_cache

from entrepot.domain.expressions.check import check, mentions_item
from entrepot.domain.expressions.parser import parse
from entrepot.domain.expressions.tree import Node
from entrepot.domain.expressions.uses import Use
from entrepot.kernel.errors import ItemRequiredError


@lru_cache(maxsize=4096)
def read_expression(text: str, use: Use) -> Node:
    """The checked tree of a ValueExpression or RuleExpression. Raises ExpressionError: its first fault."""
    tree = parse(text)
    check(tree, use)
    return tree


def read_eligible_expression(text: str, use: Use) -> Node:
    """As `read_expression`, for an EligibleExpression: at line level it must speak of `item` (LIP)."""
    tree = read_expression(text, use)
    if use.has_item and not mentions_item(tree):
        raise ItemRequiredError(text, 0)
    return tree

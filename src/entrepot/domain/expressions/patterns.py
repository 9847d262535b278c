"""Wildcards in literals, which array filters alone know (EXPR-17)."""

from __future__ import annotations

from entrepot.domain.expressions.tree import Literal, Node
from entrepot.domain.expressions.values import Value


def pattern_of(node: Node) -> str | None:
    """The literal text with wildcards that a node is, if it is one."""
    if isinstance(node, Literal) and isinstance(node.value, str) and "*" in node.value:
        return node.value
    return None


def matches(pattern: str, value: Value) -> bool:
    """Whether a text is the pattern with something, or nothing, in place of each `*`. Linear in both."""
    if not isinstance(value, str):
        return False
    first, *middle, last = pattern.split("*")
    if len(value) < len(first) + len(last) or not value.startswith(first) or not value.endswith(last):
        return False
    position, end = len(first), len(value) - len(last)
    for piece in middle:
        found = value.find(piece, position, end)
        if found < 0:
            return False
        position = found + len(piece)
    return True

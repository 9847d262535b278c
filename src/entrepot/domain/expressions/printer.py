"""From a tree to text: what parses to the same tree again, with no more parentheses than that needs."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from entrepot.domain.expressions.dates import date_text
from entrepot.domain.expressions.tree import (
    Arithmetic,
    Call,
    Compare,
    Literal,
    Logic,
    Negate,
    Node,
    Not,
    Path,
)
from entrepot.kernel.money import plain_text

OR, AND, NOT, COMPARISON, SUM, PRODUCT, UNARY, PRIMARY = range(8)
"""Precedence, the loosest first (EXPR-11)."""
ESCAPES = str.maketrans({"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def print_expression(node: Node) -> str:
    """The text of a tree."""
    return _print(node, OR)


def _print(node: Node, loosest: int) -> str:
    """The text of a node where nothing looser than `loosest` may stand bare."""
    text = _text(node)
    return text if precedence(node) >= loosest else f"({text})"


def precedence(node: Node) -> int:
    """How tightly a node holds together."""
    match node:
        case Logic():
            return OR if node.operator == "or" else AND
        case Not():
            return NOT
        case Compare():
            return COMPARISON
        case Arithmetic():
            return SUM if node.rest[0][0] in "+-" else PRODUCT
        case Negate():
            return UNARY
        case _:
            return PRIMARY


def _text(node: Node) -> str:
    inner = precedence(node) + 1
    match node:
        case Literal():
            return _literal(node.value)
        case Path():
            return node.text
        case Call():
            receiver = f"{node.receiver.text}." if node.receiver is not None else ""
            arguments = ", ".join(print_expression(argument) for argument in node.arguments)
            return f"{receiver}{node.function}({arguments})"
        case Negate():
            return f"-{_print(node.operand, UNARY)}"
        case Not():
            return f"not {_print(node.operand, NOT)}"
        case Arithmetic():
            rest = "".join(f" {operator} {_print(operand, inner)}" for operator, operand in node.rest)
            return f"{_print(node.first, inner)}{rest}"
        case Compare():
            return f"{_print(node.left, inner)} {node.operator} {_print(node.right, inner)}"
        case Logic():
            return f" {node.operator} ".join(_print(operand, inner) for operand in node.operands)


def _literal(value: Decimal | str | bool | datetime) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return f"'{value.translate(ESCAPES)}'"
        case datetime():
            return f"#{date_text(value)}#"
        case Decimal():
            return plain_text(value)

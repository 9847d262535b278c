"""The tree of an expression. Positions are characters from 0; trees that differ only in them are equal.

Chains of one precedence (`a + b - c`, `a and b and c`) are one node, so that the depth of a tree is the nesting that the
author wrote, never the length of a chain.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, text, date in UTC, or boolean."""

    value: Decimal | str | bool | datetime
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Path:
    """`order.xp.Tags`: names as they were written."""

    names: tuple[str, ...]
    position: int = field(default=0, compare=False)

    @property
    def text(self) -> str:
        return ".".join(self.names)


@dataclass(frozen=True, slots=True)
class Call:
    """`min(a, b)`; with a receiver `items.any(f)`. The function is in lower case."""

    function: str
    arguments: tuple[Node, ...]
    receiver: Path | None = None
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Negate:
    """`-a`"""

    operand: Node
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Not:
    """`not a`"""

    operand: Node
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """`first op a op b ...`, from left to right; all operators of one precedence: `* / %` or `+ -`."""

    first: Node
    rest: tuple[tuple[str, Node], ...]
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Compare:
    """`left op right`; the operator in its first spelling: `=`, `<>`."""

    operator: str
    left: Node
    right: Node
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Logic:
    """`a and b and ...` or `a or b or ...`"""

    operator: str
    operands: tuple[Node, ...]
    position: int = field(default=0, compare=False)


Node = Literal | Path | Call | Negate | Not | Arithmetic | Compare | Logic


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly below, from left to right; the receiver of a call is not among them."""
    match node:
        case Literal() | Path():
            return ()
        case Call():
            return node.arguments
        case Negate() | Not():
            return (node.operand,)
        case Arithmetic():
            return (node.first, *(operand for _, operand in node.rest))
        case Compare():
            return (node.left, node.right)
        case Logic():
            return node.operands

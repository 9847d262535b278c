"""What an expression was made of when it was computed: its clauses, with the values that they saw.

The evaluator itself computes; here it is watched. A clause is what `and`, `or` and `not` put together: a comparison, a call, a path.
Within filters nothing is told apart, since they are computed for every line.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from entrepot.domain.expressions.environment import Environment, Record
from entrepot.domain.expressions.evaluate import Bindings, Evaluation
from entrepot.domain.expressions.printer import print_expression
from entrepot.domain.expressions.tree import Call, Literal, Logic, Node, Not, Path, children
from entrepot.domain.expressions.values import Value, is_true


@dataclass(frozen=True, slots=True)
class Seen:
    """A path or a call in a clause, and what it was."""

    text: str
    value: Value


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause as it was computed. position: of its first character in the expression, from 0. holds: None where what came before it
    had decided. wanted: whether the whole wants it to hold; not so under a `not`.
    """

    text: str
    position: int
    value: Value
    holds: bool | None
    wanted: bool
    seen: tuple[Seen, ...]

    @property
    def fails(self) -> bool:
        """Whether it was computed, and stands against the whole."""
        return self.holds is not None and self.holds is not self.wanted


class Watched(Evaluation):
    """An evaluation that remembers what each node was, outside of filters."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self._values: dict[int, Value] = {}

    def clauses(self, tree: Node, item: Record | None = None) -> tuple[Clause, ...]:
        """Compute a condition (`truth`) and tell of its clauses, from left to right. Raises as `truth`."""
        self._values.clear()
        self.truth(tree, item)
        return tuple(self._clauses(tree, wanted=True))

    def parts(self, tree: Node, item: Record | None = None) -> tuple[Seen, ...]:
        """Compute a value (`number`) and tell of the paths and calls that it was made of. Raises as `number`."""
        self._values.clear()
        self.number(tree, item)
        return tuple(self._seen(tree))

    def value_of(self, node: Node) -> Value:
        """What a node was when it was computed last; null for what was not reached."""
        return self._values.get(id(node))

    def _value(self, node: Node, names: Bindings) -> Value:
        value = super()._value(node, names)
        if names.line is None and not names.in_array:
            self._values[id(node)] = value
        return value

    def _clauses(self, node: Node, *, wanted: bool) -> Iterator[Clause]:
        match node:
            case Logic():
                for each in node.operands:
                    yield from self._clauses(each, wanted=wanted)
            case Not():
                yield from self._clauses(node.operand, wanted=not wanted)
            case _:
                reached = id(node) in self._values
                value = self._values.get(id(node))
                holds = is_true(value) if reached else None
                yield Clause(
                    print_expression(node), first(node), value, holds, wanted, tuple(self._seen(node))
                )

    def _seen(self, node: Node) -> Iterator[Seen]:
        if isinstance(node, Literal):
            return
        if isinstance(node, Path | Call):
            if id(node) in self._values:
                yield Seen(print_expression(node), self._values[id(node)])
            if isinstance(node, Call) and node.receiver is not None:
                return
        for each in children(node):
            yield from self._seen(each)


def first(node: Node) -> int:
    """The position of the first character of a node, but for parentheses around it."""
    below = [first(each) for each in children(node)]
    receiver = [node.receiver.position] if isinstance(node, Call) and node.receiver is not None else []
    return min([node.position, *below, *receiver])

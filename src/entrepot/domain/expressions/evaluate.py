"""The value of a tree in an environment. It never raises but for one thing: the steps that it takes (budget.py)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, TypeGuard

from entrepot.domain.expressions import arithmetic
from entrepot.domain.expressions.check import is_aggregate, is_array_filter, mentions_item
from entrepot.domain.expressions.environment import NO_CATEGORIES, Environment, Record, member
from entrepot.domain.expressions.functions import CONTAINS
from entrepot.domain.expressions.patterns import matches, pattern_of
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
from entrepot.domain.expressions.values import Value, as_number, compare, equal, is_true, known_value


@dataclass(frozen=True, slots=True)
class Bindings:
    """What names mean where a node stands: `item`, the line of the filter, the element of the array filter."""

    item: Record | None = None
    line: Record | None = None
    element: Any = None
    in_array: bool = False


class Evaluation:
    """Computes trees over one environment, within its budget.

    What a filter over all lines yields is remembered for each line that `item` means, or once where it does not speak of
    `item`: nothing else outside of the filter decides it. So filters within filters, and promotions at line level, stay
    linear in the lines.
    """

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._budget = environment.budget
        self._mentions: dict[int, tuple[Call, bool]] = {}
        self._known: dict[tuple[int, int], Value] = {}

    def truth(self, tree: Node, item: Record | None = None) -> bool:
        """Whether a condition holds (EXPR-26), for the line `item` at line level. Raises what Budget.spend raises."""
        return is_true(self._value(tree, Bindings(item=item)))

    def number(self, tree: Node, item: Record | None = None) -> Decimal:
        """The number that a ValueExpression yields, null as 0 (EXPR-27), not rounded. Raises as `truth`."""
        return as_number(self._value(tree, Bindings(item=item))) or Decimal(0)

    # --- nodes ------------------------------------------------------------------------------------------------

    def _value(self, node: Node, names: Bindings) -> Value:
        self._budget.spend(1)
        match node:
            case Literal():
                return known_value(node.value)
            case Path():
                return self._read(node, names)
            case Call():
                return self._call(node, names)
            case Compare():
                return self._compare(node, names)
            case Logic():
                decisive = node.operator == "or"
                found = any(self._truth(each, names) is decisive for each in node.operands)
                return decisive if found else not decisive
            case Not():
                return not self._truth(node.operand, names)
            case Negate():
                return arithmetic.negate(self._value(node.operand, names))
            case Arithmetic():
                result = self._value(node.first, names)
                for operator, operand in node.rest:
                    result = arithmetic.calculate(operator, result, self._value(operand, names))
                return result

    def _truth(self, node: Node, names: Bindings) -> bool:
        return is_true(self._value(node, names))

    def _read(self, path: Path, names: Bindings) -> Value:
        holder, rest = self._root(path, names)
        for name in rest:
            holder = member(holder, name)
        return known_value(holder)

    def _root(self, path: Path, names: Bindings) -> tuple[Any, tuple[str, ...]]:
        """What a path begins with, and the names that lead on from there."""
        match path.names[0].lower():
            case "item":
                return (names.element if names.in_array else names.item), path.names[1:]
            case "order":
                return self._environment.order, path.names[1:]
            case "orderreturn":
                return self._environment.order_return, path.names[1:]
            case _:
                return names.line, path.names

    def _compare(self, node: Compare, names: Bindings) -> bool:
        left, right = self._value(node.left, names), self._value(node.right, names)
        if node.operator not in ("=", "<>"):
            return compare(node.operator, left, right)
        # EXPR-17
        pattern = pattern_of(node.right) or pattern_of(node.left) if names.in_array else None
        if pattern is not None:
            same = matches(pattern, left if pattern_of(node.right) else right)
        else:
            same = equal(left, right)
        return same is (node.operator == "=")

    # --- calls ------------------------------------------------------------------------------------------------

    def _call(self, call: Call, names: Bindings) -> Value:
        if call.receiver is None:
            return self._bare(call, names)
        if is_aggregate(call):
            return self._aggregate(call, names)
        if is_array_filter(call):
            return self._array_filter(call, self._read(call.receiver, names), names)
        if call.function == "approved":
            return self._approved(call, names)
        if call.function in ("incategory", "inparentcategory"):
            return self._in_category(call, names)
        value = self._read(call.receiver, names)
        if call.function in CONTAINS:
            wanted = self._value(call.arguments[0], names)
            return any(equal(known_value(element), wanted) for element in self._elements(value))
        return any(self._is_one_of(value, argument, names) for argument in call.arguments)

    def _bare(self, call: Call, names: Bindings) -> Value:
        arguments = call.arguments
        match call.function:
            case "ifs":
                for condition, result in zip(arguments[:-1:2], arguments[1::2], strict=True):
                    if self._truth(condition, names):
                        return self._value(result, names)
                return self._value(arguments[-1], names)
            case "now":
                days = self._value(arguments[0], names) if arguments else Decimal(0)
                return arithmetic.after(self._environment.now, as_number(days))
            case "round":
                places = self._value(arguments[1], names) if len(arguments) > 1 else Decimal(0)
                return arithmetic.rounded(self._value(arguments[0], names), as_number(places))
            case _:
                left, right = (self._value(argument, names) for argument in arguments)
                return arithmetic.extreme(call.function, left, right)

    def _aggregate(self, call: Call, names: Bindings) -> Value:
        if id(call) not in self._mentions:
            # The call is kept as well, so that its id stays its own.
            self._mentions[id(call)] = call, mentions_item(call)
        of_item = self._mentions[id(call)][1]
        key = id(call), id(names.item) if of_item else 0
        if key not in self._known:
            self._known[key] = self._over_lines(call, names)
        return self._known[key]

    def _over_lines(self, call: Call, names: Bindings) -> Value:
        self._budget.spend(len(self._environment.items))
        matching = (
            line
            for line in self._environment.items
            if not call.arguments
            or self._truth(call.arguments[0], replace(names, line=line, element=None, in_array=False))
        )
        match call.function:
            case "any":
                return any(True for _ in matching)
            case "all":
                return sum(1 for _ in matching) == len(self._environment.items)
            case "count":
                return Decimal(sum(1 for _ in matching))
            case "quantity":
                return arithmetic.total(member(line, "Quantity") for line in matching)
            case _:
                return arithmetic.total(member(line, "LineSubtotal") for line in matching)

    def _array_filter(self, call: Call, array: Value, names: Bindings) -> Value:
        """EXPR-20"""
        if not is_array(array):
            return Decimal(0) if call.function == "count" else False
        elements = self._elements(array)
        found = sum(
            1
            for element in elements
            if not call.arguments
            or self._truth(call.arguments[0], replace(names, element=element, in_array=True))
        )
        match call.function:
            case "any":
                return found > 0
            case "all":
                return found == len(elements)
            case _:
                return Decimal(found)

    def _elements(self, value: Value) -> Sequence[Any]:
        """The elements of an array, each of which is a step; none of what is no array."""
        if not is_array(value):
            return ()
        self._budget.spend(len(value))
        return value

    def _is_one_of(self, value: Value, argument: Node, names: Bindings) -> bool:
        pattern = pattern_of(argument) if names.in_array else None
        if pattern is not None:
            return matches(pattern, value)
        return equal(value, self._value(argument, names))

    def _approved(self, call: Call, names: Bindings) -> bool:
        rule = self._value(call.arguments[0], names)
        wanted = rule.lower() if isinstance(rule, str) else None
        return any(approved.lower() == wanted for approved in self._environment.approved_rules)

    def _in_category(self, call: Call, names: Bindings) -> bool:
        assert call.receiver is not None
        holder, _ = self._root(call.receiver, replace(names, in_array=False))
        of_product = self._environment.categories.get(member(holder, "ProductID") or "", NO_CATEGORIES)
        held = of_product.assigned
        if call.function == "inparentcategory":
            held |= of_product.above
        wanted = {
            name.strip().lower()
            for argument in call.arguments
            if isinstance(value := self._value(argument, names), str)
            for name in value.split(",")
        }
        return any(category.lower() in wanted for category in held)


def is_array(value: Any) -> TypeGuard[Sequence[Any]]:
    """Whether a wire value is a JSON array."""
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)

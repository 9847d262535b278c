"""What an expression may name and call: checked when it is saved, from left to right (EXPR-12 to EXPR-16, EXPR-28)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from entrepot.domain.expressions import functions, properties
from entrepot.domain.expressions.functions import Functions
from entrepot.domain.expressions.tree import Call, Node, Path, children
from entrepot.domain.expressions.uses import Use
from entrepot.kernel.errors import (
    ExpressionArgumentsError,
    ExpressionFunctionError,
    ExpressionTokenError,
    ItemNotAllowedError,
    OrderHistoryError,
)

ROOTS = frozenset({"order", "items", "item", "orderreturn"})


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a node stands: within a filter over lines, and within one over the elements of an array."""

    use: Use
    of_lines: bool = False
    of_array: bool = False


def check(tree: Node, use: Use) -> None:
    """Raise the first fault of a tree: one of the subclasses of ExpressionError."""
    _check(tree, Scope(use))


def mentions_item(tree: Node) -> bool:
    """Whether a tree has the `item` token: a line of the order, not the element of an array filter (EXPR-28)."""
    return _mentions_item(tree, of_array=False)


def _mentions_item(node: Node, *, of_array: bool) -> bool:
    inside = of_array
    if isinstance(node, Path):
        return not of_array and node.names[0].lower() == "item"
    if isinstance(node, Call):
        if node.receiver is not None and _mentions_item(node.receiver, of_array=of_array):
            return True
        inside = is_array_filter(node) or (of_array and not is_aggregate(node))
    return any(_mentions_item(child, of_array=inside) for child in children(node))


def is_aggregate(call: Call) -> bool:
    """Whether a call asks about the lines of the order."""
    return call.receiver is not None and [name.lower() for name in call.receiver.names] == ["items"]


def is_array_filter(call: Call) -> bool:
    """Whether the arguments of a call speak of the elements of an array."""
    return call.receiver is not None and call.function in functions.ARRAY_FILTERS and not is_aggregate(call)


def _check(node: Node, scope: Scope) -> None:
    match node:
        case Path():
            _check_path(node, scope)
        case Call():
            _check_call(node, scope)
        case _:
            for child in children(node):
                _check(child, scope)


def _check_call(call: Call, scope: Scope) -> None:
    known = _functions_of(call.receiver, scope)
    function = known.get(call.function)
    name = call.function if call.receiver is None else f"{call.receiver.text}.{call.function}"
    if function is None:
        raise ExpressionFunctionError(name, call.position)
    if not function.allows(len(call.arguments)):
        raise ExpressionArgumentsError(name, call.position)
    inside = scope
    if is_aggregate(call):
        inside = replace(scope, of_lines=True, of_array=False)
    elif is_array_filter(call):
        inside = replace(scope, of_array=True)
    for argument in call.arguments:
        _check(argument, inside)


def _functions_of(receiver: Path | None, scope: Scope) -> Functions:
    """The functions that may be called on a path, which is checked first."""
    if receiver is None:
        return functions.BARE
    names = [name.lower() for name in receiver.names]
    match names:
        case ["items"]:
            return functions.AGGREGATES
        case ["order" | "orderreturn"] if _knows_root(names[0], receiver, scope):
            return functions.APPROVED if scope.use.approvable == names[0] else {}
        case ["item", *_] if scope.of_array:
            return functions.PROPERTY
        case ["item"] | ["item", "product"] if _knows_root(names[0], receiver, scope):
            return functions.CATEGORY
        case ["product"] if scope.of_lines:
            return functions.CATEGORY
        case _:
            _check_path(receiver, scope)
            return functions.PROPERTY


def _check_path(path: Path, scope: Scope) -> None:
    names = [name.lower() for name in path.names]
    root = names[0]
    if root == "item" and scope.of_array:
        return
    if root in ROOTS or root == "orderhistory" or not scope.of_lines:
        _knows_root(root, path, scope)
        rest = names[1:]
    else:
        # EXPR-12: a bare property of the line.
        rest = names
    known: dict[str, properties.Properties] = {
        "order": properties.ORDER,
        "orderreturn": properties.ORDER_RETURN,
        "items": {},
    }
    if not rest or rest[0] not in known.get(root, properties.LINE_ITEM):
        raise ExpressionTokenError(path.text, path.position)
    of_line = root not in known
    if of_line and rest[0] == "product" and len(rest) > 1 and rest[1] not in properties.LINE_ITEM_PRODUCT:
        raise ExpressionTokenError(path.text, path.position)


def _knows_root(root: str, path: Path, scope: Scope) -> bool:
    """Refuse a root that expressions of this use do not have."""
    match root:
        case "orderhistory":
            raise OrderHistoryError(path.text, path.position)
        case "item" if not scope.use.has_item:
            raise ItemNotAllowedError(path.text, path.position)
        case "orderreturn" if scope.use is not Use.SELLER_APPROVAL_RULE:
            raise ExpressionTokenError(path.text, path.position)
        case _ if root not in ROOTS:
            raise ExpressionTokenError(path.text, path.position)
    return True

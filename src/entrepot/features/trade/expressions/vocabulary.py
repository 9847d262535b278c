"""GET /entrepot/v1/expressions/vocabulary: the language of expressions, for editors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from entrepot.declare.operation import Operation, Reply, Returns, operation
from entrepot.declare.wire import Column, Wire
from entrepot.domain.expressions import vocabulary as words
from entrepot.domain.expressions.parser import MAX_DEPTH
from entrepot.domain.expressions.properties import LINE_ITEM_PRODUCT
from entrepot.domain.expressions.vocabulary import RecordKind
from entrepot.engine.call import Call
from entrepot.features.trade.expressions.kinds import COMMON, ROOT, ExpressionKind
from entrepot.features.trade.expressions.models import ExpressionVocabulary
from entrepot.features.trade.orders.models.lines import LineItem
from entrepot.features.trade.orders.models.orders import Order
from entrepot.features.trade.orders.models.returns import OrderReturn

Values = dict[str, Any]

MODELS: Mapping[RecordKind, type[Wire]] = {
    RecordKind.ORDER: Order,
    RecordKind.LINE: LineItem,
    RecordKind.RETURN: OrderReturn,
}
AMOUNTS = frozenset({"ValueExpression"})
"""The expressions that yield an amount, and no condition."""


@operation(
    "Expressions.GetVocabulary",
    "GET",
    f"{ROOT}/vocabulary",
    **COMMON,
    summary="Get the language of expressions",
    description="Functions, operators, and the properties that expressions of promotions and approval rules may name, as the parser and "
    "the evaluator know them.",
    returns=Returns(ExpressionVocabulary),
)
async def get_vocabulary(call: Call) -> Reply:
    """Without a statement: the same for everybody."""
    return Reply(vocabulary())


@cache
def vocabulary() -> Values:
    """All of it; nobody changes it."""
    return {
        "Kinds": [_language(kind) for kind in ExpressionKind],
        "Records": [
            {
                "Of": thing.value,
                "Paths": [{"Path": path, "Type": of, "Sample": None} for path, of in _paths(thing)],
            }
            for thing in MODELS
        ],
        "Functions": [
            {
                "Name": name,
                "On": receiver.value,
                "Shape": function.shape,
                "About": function.about,
                "Least": function.least,
                "Most": function.most,
                "Odd": function.odd,
            }
            for name, receiver, function in words.spoken()
        ],
        "Operators": [
            {"Symbols": list(each.symbols), "About": each.about, "Binds": each.binds}
            for each in words.operators()
        ],
        "Literals": [{"Example": example, "About": about} for example, about in words.LITERALS],
        "MaxDepth": MAX_DEPTH,
    }


def _language(kind: ExpressionKind) -> Values:
    return {
        "Kind": kind,
        "Expressions": [
            {"Name": each.name, "MaxLength": each.max_length, "IsCondition": each.name not in AMOUNTS}
            for each in kind.columns
        ],
        "Roots": [
            {"Name": each.name, "Of": each.thing.value, "Within": each.within.value, "About": each.about}
            for each in words.roots(kind.use)
        ],
        "Approvable": {"order": words.ORDER.name, "orderreturn": words.RETURN.name}.get(
            kind.use.approvable or ""
        ),
    }


def _paths(thing: RecordKind) -> Iterator[tuple[str, str | None]]:
    """The properties of a thing and, of objects whose properties are declared, theirs, with the names of their types."""
    columns = MODELS[thing].__columns__
    for name in thing.properties.values():
        known = columns[name]
        yield name, known.type.label
        is_product = thing is RecordKind.LINE and name == "Product"
        for inner in _inner(known):
            if not is_product or inner.name.lower() in LINE_ITEM_PRODUCT:
                yield f"{name}.{inner.name}", inner.type.label
        if is_product:
            yield f"{name}.Inventory.QuantityAvailable", "Integer"


def _inner(known: Column) -> Iterator[Column]:
    if known.type.model is not None:
        yield from known.type.model.__columns__.values()


OPERATIONS: tuple[Operation, ...] = (get_vocabulary,)

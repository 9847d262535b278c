"""What may be written in an expression of a use, for people and editors: made of the tables that `parse`, `check` and `evaluate` read."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass

from entrepot.domain.expressions import functions, properties
from entrepot.domain.expressions.functions import Function, Functions
from entrepot.domain.expressions.parser import AND, COMPARISONS, NOT, OR, PRODUCTS, SUMS
from entrepot.domain.expressions.properties import Properties
from entrepot.domain.expressions.uses import Use


class RecordKind(enum.Enum):
    """What a root is one of."""

    ORDER = "Order"
    LINE = "LineItem"
    RETURN = "OrderReturn"
    LINES = "LineItems"
    ELEMENT = "Element"

    @property
    def properties(self) -> Properties:
        """Those that a path may name first."""
        return {
            RecordKind.ORDER: properties.ORDER,
            RecordKind.LINE: properties.LINE_ITEM,
            RecordKind.RETURN: properties.ORDER_RETURN,
        }.get(self, {})


class Within(enum.Enum):
    """Where a root means what it does."""

    ANYWHERE = "Anywhere"
    LINES = "LineFilter"
    ARRAY = "ArrayFilter"


@dataclass(frozen=True, slots=True)
class Root:
    """What a path begins with; without a name it begins with a property."""

    name: str
    thing: RecordKind
    within: Within
    about: str


class CalledOn(enum.Enum):
    """What a function is called on. RULES is the root that rules approve (`Use.approvable`)."""

    NOTHING = "Nothing"
    LINES = "LineItems"
    PRODUCT = "Product"
    PROPERTY = "Property"
    ARRAY = "Array"
    RULES = "Approvable"


@dataclass(frozen=True, slots=True)
class WrittenOperator:
    """Its spellings, the usual one first. binds: the higher, the more closely."""

    symbols: tuple[str, ...]
    about: str
    binds: int


ITEM = Root("item", RecordKind.LINE, Within.ANYWHERE, "The line item that the promotion is asked about.")
ORDER = Root("order", RecordKind.ORDER, Within.ANYWHERE, "The order; order.FromUser is its user.")
RETURN = Root("orderReturn", RecordKind.RETURN, Within.ANYWHERE, "The return; order is what was ordered.")
_EVERYWHERE = (
    ORDER,
    Root(
        "items", RecordKind.LINES, Within.ANYWHERE, "The line items of the order, to be counted and added up."
    ),
)
_IN_FILTERS = (
    Root("", RecordKind.LINE, Within.LINES, "A property of the line item that a filter over items looks at."),
    Root("item", RecordKind.ELEMENT, Within.ARRAY, "The element that a filter over an array looks at."),
)
_BY_RECEIVER: dict[CalledOn, Functions] = {
    CalledOn.NOTHING: functions.BARE,
    CalledOn.LINES: functions.AGGREGATES,
    CalledOn.PRODUCT: functions.CATEGORY,
    CalledOn.PROPERTY: functions.SCALAR,
    CalledOn.ARRAY: functions.ARRAY_FILTERS,
    CalledOn.RULES: functions.APPROVED,
}
_COMPARED = {
    "=": "Both sides are equal; texts to the letter.",
    "<>": "They are not equal.",
    "<": "The left side is smaller, or earlier.",
    "<=": "It is smaller or equal.",
    ">": "The left side is larger, or later.",
    ">=": "It is larger or equal.",
}
_CALCULATED = {
    "+": "Both added up.",
    "-": "The right side taken from the left; before a value: its negative.",
    "*": "One times the other.",
    "/": "The left side divided by the right; 3 / 2 is 1.5.",
    "%": "What is left of dividing.",
}
LITERALS = (
    ("10.5", "A number, without separators of thousands."),
    ("'text'", "A text, in single quotes; '' is a quote in it."),
    ("#12/31/2026#", "A date: month, day, year; or #2026-12-31T18:00:00Z#."),
    ("true", "Holds."),
    ("false", "Does not hold."),
)


def roots(use: Use) -> tuple[Root, ...]:
    """What paths of a use may begin with."""
    own = (ITEM,) if use.has_item else (RETURN,) if use is Use.SELLER_APPROVAL_RULE else ()
    return (*_EVERYWHERE, *own, *_IN_FILTERS)


def spoken() -> Iterator[tuple[str, CalledOn, Function]]:
    """All functions, by name; those that rules are approved by are for uses with something `approvable`."""
    for receiver, known in _BY_RECEIVER.items():
        for name, function in known.items():
            yield name, receiver, function


def operators() -> tuple[WrittenOperator, ...]:
    """From those that bind least to those that bind most."""
    words = (
        (OR, "or", "One side holds at least."),
        (AND, "and", "Both sides hold."),
        (NOT, "not", "What follows does not hold: a whole comparison."),
    )
    found = [
        WrittenOperator(_usual_first(symbols, usual), about, binds)
        for binds, (symbols, usual, about) in enumerate(words)
    ]
    for usual in dict.fromkeys(COMPARISONS.values()):
        symbols = [symbol for symbol, same in COMPARISONS.items() if same == usual]
        found.append(WrittenOperator(_usual_first(symbols, usual), _COMPARED[usual], 3))
    for binds, chain in enumerate((SUMS, PRODUCTS), 4):
        found += [WrittenOperator((symbol,), _CALCULATED[symbol], binds) for symbol in sorted(chain)]
    return tuple(found)


def _usual_first(symbols: Iterator[str] | frozenset[str] | list[str], usual: str) -> tuple[str, ...]:
    return (usual, *sorted(symbol for symbol in symbols if symbol != usual))

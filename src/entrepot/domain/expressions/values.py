"""The values of expressions and how they convert and compare (EXPR-20 to EXPR-27).

Numbers are decimals of PRECISION digits; what leaves their range is null, as is every impossible calculation.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from operator import ge, gt, le, lt
from typing import Any

from entrepot.domain.expressions.dates import read_date

Scalar = Decimal | str | bool | datetime | None
Value = Scalar | Sequence[Any] | Mapping[str, Any]
"""What an expression yields. Arrays and objects are wire values, whose parts are converted when they are reached."""

PRECISION = 50
LONGEST_NUMBER = 60
"""Characters of a text that may be a number."""
# No traps: an impossible operation gives NaN or Infinity, which `number` turns into null.
ARITHMETIC = Context(prec=PRECISION, rounding=ROUND_HALF_EVEN, Emin=-999, Emax=999, traps=[])
NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d{1,4})?", re.ASCII)
RELATIONS: dict[str, Callable[[Any, Any], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}


def known_value(value: Any) -> Value:
    """A wire value as one of an expression: every number is a Decimal, every date in UTC."""
    match value:
        case None | bool() | str():
            return value
        case Decimal():
            return finite(ARITHMETIC.plus(value))
        case int() | float():
            return finite(ARITHMETIC.create_decimal(repr(value) if isinstance(value, float) else value))
        case datetime():
            return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        case Mapping() | Sequence():
            return value
        case _:
            return None


def finite(number: Decimal) -> Decimal | None:
    return number if number.is_finite() else None


def text_as_number(text: str) -> Decimal | None:
    """The number that a text spells, with space around it; else null."""
    text = text.strip()
    if len(text) > LONGEST_NUMBER or NUMBER.fullmatch(text) is None:
        return None
    return finite(ARITHMETIC.create_decimal(text))


def text_as_date(text: str) -> datetime | None:
    try:
        return read_date(text)
    except ValueError:
        return None


def text_as_boolean(text: str) -> bool | None:
    return {"true": True, "false": False}.get(text.strip().lower())


def as_number(value: Value) -> Decimal | None:
    """For arithmetic (EXPR-25): numbers, numeric texts, booleans as 1 and 0; null for all else."""
    match value:
        case bool():
            return Decimal(value)
        case Decimal():
            return value
        case str():
            return text_as_number(value)
        case _:
            return None


def is_true(value: Value) -> bool:
    """EXPR-26"""
    match value:
        case bool():
            return value
        case Decimal():
            return value != 0
        case str():
            return value.lower() == "true"
        case _:
            return False


def equal(left: Value, right: Value) -> bool:
    """EXPR-22, EXPR-24"""
    if left is None or right is None:
        return left is None and right is None
    pair = comparable(left, right)
    return pair is not None and pair[0] == pair[1]


def compare(operator: str, left: Value, right: Value) -> bool:
    """EXPR-23"""
    pair = comparable(left, right)
    return pair is not None and RELATIONS[operator](*pair)


def comparable(left: Value, right: Value) -> tuple[Any, Any] | None:
    """Both sides as one type; None where there is none, and for null, arrays and objects."""
    match left, right:
        case (str(), str()):
            return left, right
        case (datetime(), datetime()):
            return left, right
        case (bool() | Decimal(), bool() | Decimal()):
            return Decimal(left), Decimal(right)
        case (str(), bool() | Decimal() | datetime()):
            converted = _text_as(left, right)
            return None if converted is None else (converted, right)
        case (bool() | Decimal() | datetime(), str()):
            converted = _text_as(right, left)
            return None if converted is None else (left, converted)
        case _:
            return None


def _text_as(text: str, like: bool | Decimal | datetime) -> bool | Decimal | datetime | None:
    match like:
        case bool():
            return text_as_boolean(text)
        case Decimal():
            return text_as_number(text)
        case datetime():
            return text_as_date(text)

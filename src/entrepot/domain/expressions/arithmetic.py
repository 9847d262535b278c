"""Calculations of expressions: what cannot be calculated is null (EXPR-18, EXPR-21, EXPR-25)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from entrepot.domain.expressions.values import ARITHMETIC, PRECISION, Value, as_number, finite, known_value

OPERATIONS: dict[str, Callable[[Decimal, Decimal], Decimal]] = {
    "+": ARITHMETIC.add,
    "-": ARITHMETIC.subtract,
    "*": ARITHMETIC.multiply,
    "/": ARITHMETIC.divide,
    "%": ARITHMETIC.remainder,
}
MAX_PLACES = 28


def calculate(operator: str, left: Value, right: Value) -> Decimal | None:
    """One operation of two values."""
    a, b = as_number(left), as_number(right)
    return None if a is None or b is None else finite(OPERATIONS[operator](a, b))


def negate(value: Value) -> Decimal | None:
    number = as_number(value)
    return None if number is None else ARITHMETIC.minus(number)


def extreme(function: str, left: Value, right: Value) -> Decimal | datetime | None:
    """`min` or `max` of two numbers or of two dates."""
    if isinstance(left, datetime) and isinstance(right, datetime):
        return min(left, right) if function == "min" else max(left, right)
    a, b = as_number(left), as_number(right)
    if a is None or b is None:
        return None
    return min(a, b) if function == "min" else max(a, b)


def rounded(value: Value, places: Decimal | None) -> Decimal | None:
    """`round`: half away from zero, to a whole number of places from 0 to MAX_PLACES."""
    number = as_number(value)
    if number is None or places is None or places not in range(MAX_PLACES + 1):
        return None
    if number.adjusted() + int(places) >= PRECISION:
        # It has no digits as far down as that.
        return number
    return number.quantize(Decimal(1).scaleb(-int(places)), rounding=ROUND_HALF_UP, context=ARITHMETIC)


def after(moment: datetime, days: Decimal | None) -> datetime | None:
    """The moment a whole number of days later; null beyond the calendar."""
    if days is None or days != days.to_integral_value():
        return None
    try:
        return moment + timedelta(days=int(days))
    except OverflowError:
        return None


def total(values: Iterable[Any]) -> Decimal | None:
    """The sum of wire values; a missing one adds nothing."""
    result = Decimal(0)
    for value in values:
        result = ARITHMETIC.add(result, as_number(known_value(value)) or Decimal(0))
    return finite(result)

"""From JSON values to the values of wire types, as generously as the original does (BODY-4 to BODY-7).

Every function takes any JSON value but null and raises PydanticCustomError of type `invalid`, with the type's label,
for what it cannot take.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from decimal import ROUND_HALF_UP, Context, Decimal
from enum import StrEnum
from functools import partial
from typing import Any

from pydantic_core import PydanticCustomError

from entrepot.declare.types import WireType
from entrepot.kernel.clock import EARLIEST, format_datetime, parse_datetime
from entrepot.kernel.ids import MAX_ID_LENGTH
from entrepot.kernel.money import plain, plain_text

Coercion = Callable[[Any], Any]

MAX_INTEGER = 2**31 - 1
MIN_INTEGER = -(2**31)
MAX_DECIMAL = Decimal(10) ** 20
"""Decimals are below this and rounded to eight places: the 28 digits of the original's decimal type."""
EIGHT_PLACES = Decimal("1e-8")

_WIDE = Context(prec=40, rounding=ROUND_HALF_UP)

_NUMBER = re.compile(r"\s*[+-]?(?:[0-9]{1,400}(?:\.[0-9]{0,400})?|\.[0-9]{1,400})(?:[eE][+-]?[0-9]{1,3})?\s*")
_BRACES = re.compile(r"\{[A-Za-z0-9_-]{1,100}\}")
_ID_CHARACTERS = re.compile(r"[A-Za-z0-9_-]*")


def coercion(wire: WireType, *, nested: bool) -> Coercion:
    """The function for a scalar type. `nested` values are stored as JSON text, so that their dates stay text."""
    match wire.kind:
        case "enum":
            assert wire.enum is not None
            return partial(
                _enum, wire.enum, {member.lower(): member.value for member in wire.enum}, list(wire.enum)
            )
        case "datetime" if nested:
            return lambda value: format_datetime(_datetime(value))
        case "id" | "string" | "password":
            return _text
        case "integer":
            return _integer
        case "decimal":
            return _decimal
        case "boolean":
            return _boolean
        case "datetime":
            return _datetime
        case "xp" | "object":
            return _object
        case "list":
            return _array


def identity(value: Any) -> str:
    """An ID as written: legal characters, and incrementors in braces, whose length is not yet known (ID-1, ID-3)."""
    text = _text(value)
    literal, incrementors = _BRACES.subn("", text)
    if len(literal) + incrementors > MAX_ID_LENGTH:
        raise PydanticCustomError("string_too_long", "too long", {"max_length": MAX_ID_LENGTH})
    if _ID_CHARACTERS.fullmatch(literal) is None:
        raise PydanticCustomError("id_characters", "not an ID")
    return text


def _invalid(label: str) -> PydanticCustomError:
    return PydanticCustomError("invalid", "not valid", {"label": label})


def _text(value: Any) -> str:
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case Decimal():
            return plain_text(value)
        case _:
            raise _invalid("String")


def _as_number(value: Any) -> Decimal | None:
    match value:
        case bool():
            return None
        case int():
            return Decimal(value)
        case Decimal():
            return value
        case str() if _NUMBER.fullmatch(value):
            return Decimal(value.strip())
        case _:
            return None


def _integer(value: Any) -> int:
    if type(value) is int and MIN_INTEGER <= value <= MAX_INTEGER:
        return value
    number = _as_number(value)
    if number is None or not MIN_INTEGER <= number <= MAX_INTEGER or number != int(number):
        raise _invalid("Integer")
    return int(number)


def _decimal(value: Any) -> Decimal:
    number = _as_number(value)
    if number is None or not -MAX_DECIMAL < number < MAX_DECIMAL:
        raise _invalid("Decimal")
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -8:
        number = number.quantize(EIGHT_PLACES, context=_WIDE)
        if abs(number) >= MAX_DECIMAL:
            raise _invalid("Decimal")
    return plain(number)


def _boolean(value: Any) -> bool:
    match value:
        case bool():
            return value
        case 0 | 1:
            return bool(value)
        case str() if value.strip().lower() in ("true", "false"):
            return value.strip().lower() == "true"
        case _:
            raise _invalid("Boolean")


def _datetime(value: Any) -> datetime:
    """In UTC and cut to the milliseconds that the wire shows, so that what is read equals what is stored."""
    if isinstance(value, str):
        try:
            moment = parse_datetime(value)
        except ValueError:
            pass
        else:
            return max(moment.replace(microsecond=moment.microsecond // 1000 * 1000), EARLIEST)
    raise _invalid("DateTime")


def _enum(declared: type[StrEnum], names: dict[str, str], members: list[StrEnum], value: Any) -> str:
    if isinstance(value, str) and (name := names.get(value.strip().lower())) is not None:
        return name
    try:
        position = _integer(value)
    except PydanticCustomError:
        position = -1
    if not 0 <= position < len(members):
        raise _invalid(declared.__name__)
    return members[position].value


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _invalid("Object")
    return value


def _array(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise _invalid("Array")
    return value

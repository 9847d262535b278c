"""Bodies as nearly all clients send them: properties spelled as declared, values that already are what they become.

Such a body takes a fifth of the time that Pydantic's models take (models.py), and has the same values: what is taken here they
would take. Whatever else there may be, other spellings and all that is wrong, they see instead, and find words for it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from entrepot.declare.types import WireType
from entrepot.declare.wire import Column, Wire
from entrepot.engine.wire.coercion import MAX_DECIMAL, MAX_INTEGER, MIN_INTEGER, coercion
from entrepot.engine.wire.limits import blank_is_null, empty, is_identity, limits, longest, writable
from entrepot.kernel.ids import is_id
from entrepot.kernel.money import plain_text

Take = Callable[[Any], Any]
"""Gives the value of a property, or of a body, that was sent. Raises UnusualError, or what `coercion` raises."""

MOST_PLACES = 8


class UnusualError(Exception):
    """This is to be looked at by the models."""


_made: dict[tuple[type[Wire], bool, bool, bool], Take] = {}


def plain_body(
    model: type[Wire], *, partial: bool, nested: bool = False, keeps_secrets: bool = False
) -> Take:
    """The function for bodies of a model, with the meaning of `validate`; made once."""
    key = (model, partial, nested, keeps_secrets)
    made = _made.get(key)
    if made is None:
        made = _made[key] = _make(model, partial=partial, nested=nested, keeps_secrets=keeps_secrets)
    return made


def _make(model: type[Wire], *, partial: bool, nested: bool, keeps_secrets: bool) -> Take:
    columns = writable(model, keeps_secrets=keeps_secrets)
    takes = {
        name: _take(column, partial=partial, nested=nested, keeps_secrets=keeps_secrets)
        for name, column in columns.items()
    }
    nulls = frozenset(
        name for name, c in columns.items() if not c.required and (c.nullable or c.empty is None)
    )
    """Where null is a value."""
    folded = frozenset(name.lower() for name in columns)

    def given(payload: Any, values: dict[str, Any]) -> None:
        if type(payload) is not dict:
            raise UnusualError
        for name, value in payload.items():
            take = takes.get(name)
            if take is None:
                if name.lower() in folded:
                    raise UnusualError
            elif value is not None:
                values[name] = take(value)
            elif name in nulls:
                values[name] = None
            else:
                raise UnusualError

    if partial:

        def some(payload: Any) -> dict[str, Any]:
            values: dict[str, Any] = {}
            given(payload, values)
            return values if len(values) < 2 else {name: values[name] for name in columns if name in values}

        return some

    names = tuple(model.__columns__) if nested else tuple(n for n, column in columns.items() if column.stored)
    blank = {name: empty(model.__columns__[name]) for name in names}
    lists = tuple(name for name, value in blank.items() if isinstance(value, list))
    required = frozenset(name for name, column in columns.items() if column.required)

    def all_of_it(payload: Any) -> dict[str, Any]:
        values = blank.copy()
        given(payload, values)
        if not required <= payload.keys():
            raise UnusualError
        for name in lists:
            if values[name] is blank[name]:
                values[name] = list(blank[name])
        # What has no column is there where it was sent.
        return (
            values
            if len(values) == len(blank)
            else {name: values[name] for name in columns if name in values}
        )

    return all_of_it


def _take(column: Column, *, partial: bool, nested: bool, keeps_secrets: bool) -> Take:
    """Of one property."""
    item = column.type.item
    if is_identity(column, nested=nested):
        return _identity
    if item is None:
        return _value(column.type, column, partial=partial, nested=nested, keeps_secrets=keeps_secrets)
    element = _value(item, column, partial=False, nested=nested, keeps_secrets=False)
    return _list_of(element, longest(column))


def _value(wire: WireType, column: Column, *, partial: bool, nested: bool, keeps_secrets: bool) -> Take:
    """Of the property, or of each of its elements."""
    if wire.model is not None:
        return plain_body(wire.model, partial=partial, nested=True, keeps_secrets=keeps_secrets)
    within = limits(column, nested=nested)
    match wire.kind:
        case "id" | "string" | "password":
            filled = column.type.item is None and (column.required or blank_is_null(column))
            return _text(within.get("min_length", 0), within.get("max_length", sys.maxsize), filled=filled)
        case "integer":
            return _integer(
                max(MIN_INTEGER, within.get("ge", MIN_INTEGER)),
                min(MAX_INTEGER, within.get("le", MAX_INTEGER)),
            )
        case "decimal":
            return _decimal(within.get("ge", -MAX_DECIMAL), within.get("le", MAX_DECIMAL))
        case "boolean":
            return _boolean
        case "xp":
            return _xp
        case "list":
            return _never
        case _:
            return coercion(wire, nested=nested)


def _never(value: Any) -> Any:
    raise UnusualError


def _identity(value: Any) -> str:
    if type(value) is str and is_id(value):
        return value
    raise UnusualError


def _text(least: int, most: int, *, filled: bool) -> Take:
    def take(value: Any) -> str:
        if type(value) is str and least <= len(value) <= most and (not filled or value.strip()):
            return value
        raise UnusualError

    return take


def _integer(least: Any, most: Any) -> Take:
    def take(value: Any) -> int:
        if type(value) is int and least <= value <= most:
            return value
        raise UnusualError

    return take


def _decimal(least: Any, most: Any) -> Take:
    def take(value: Any) -> Decimal:
        if type(value) is int:
            number = Decimal(value)
        elif type(value) is Decimal:
            number, text = value, str(value)
            point = text.find(".")
            if "E" in text or point < 0 or len(text) - point - 1 > MOST_PLACES:
                raise UnusualError
            if text[-1] == "0":
                number = Decimal(plain_text(value))
        else:
            raise UnusualError
        if least <= number <= most and -MAX_DECIMAL < number < MAX_DECIMAL:
            return number
        raise UnusualError

    return take


def _boolean(value: Any) -> bool:
    if type(value) is bool:
        return value
    raise UnusualError


def _xp(value: Any) -> dict[str, Any]:
    if type(value) is dict:
        return dict(value)
    raise UnusualError


def _list_of(element: Take, most: int) -> Take:
    def take(value: Any) -> list[Any]:
        if type(value) is list and len(value) <= most:
            return [element(each) for each in value]
        raise UnusualError

    return take

"""What a declaration says of the values of a property: their limits, and what stands for no value."""

from __future__ import annotations

import copy
from dataclasses import replace
from decimal import Decimal
from typing import Any

from entrepot.declare.types import MAX_SECRET
from entrepot.declare.wire import Column, Wire
from entrepot.kernel.ids import MAX_ID_LENGTH

MAX_ELEMENTS = 10_000
"""Of a list: far beyond any use, and short enough to be validated while others wait."""
MAX_OBJECTS = 1_000
"""Of a list of objects, each of which takes 10 us to validate and to render."""

_BLANK_IS_NULL = frozenset({"integer", "decimal", "boolean", "datetime", "enum"})
_LONGEST = {"id": MAX_ID_LENGTH, "password": MAX_SECRET}
"""Characters of what has no limit of its own."""


def writable(model: type[Wire], *, keeps_secrets: bool) -> dict[str, Column]:
    """The properties that a body may set, by name; secrets need not be sent where those that are stored are kept."""
    return {
        column.name: replace(column, required=False) if keeps_secrets and column.write_only else column
        for column in model.__columns__.values()
        if column.writable
    }


def limits(column: Column, *, nested: bool) -> dict[str, Any]:
    """Limits as Pydantic names them; those of a list are its elements'."""
    kind = (column.type.item or column.type).kind
    if kind in ("integer", "decimal"):
        found = {"ge": column.minimum, "le": column.maximum}
    elif kind in ("id", "string", "password") and not is_identity(column, nested=nested):
        longest = column.max_length or column.bound or _LONGEST.get(kind)
        found = {"max_length": longest, "min_length": column.min_length}
    else:
        found = {}
    return {name: limit for name, limit in found.items() if limit is not None}


def longest(column: Column) -> int:
    """Elements at most of a property that is a list."""
    item = column.type.item
    return MAX_ELEMENTS if item is None or item.model is None else MAX_OBJECTS


def is_identity(column: Column, *, nested: bool) -> bool:
    """Whether this is the object's own ID: its limits are those of ID-1, and it may hold incrementors."""
    return column.name == "ID" and column.type.kind == "id" and not nested


def blank_is_null(column: Column) -> bool:
    """Whether "" means no value."""
    kind = column.type.kind
    return kind == "id" or (kind in _BLANK_IS_NULL and (column.nullable or column.empty is None))


def empty(column: Column) -> Any:
    """A fresh copy of the property's empty value (CONV-2)."""
    value = column.empty
    if isinstance(value, list | dict):
        return copy.deepcopy(value)
    return Decimal(value) if column.type.kind == "decimal" and value is not None else value

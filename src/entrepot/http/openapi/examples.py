"""Examples of models, made from their types: close to what a caller would send, and valid as they stand.

The vendor's applications keep the document with every reference resolved, and parse it again and again: what a model
holds but nobody sends has its example at home alone.
"""

from __future__ import annotations

from typing import Any

from entrepot.declare.types import WireType
from entrepot.declare.wire import Column, Wire

MOMENT = "2030-01-31T09:30:00+00:00"
"""A date as the server writes it (BODY-6)."""

Path = tuple[type[Wire], ...]


def example(model: type[Wire], inside: Path = ()) -> dict[str, Any]:
    """A value of the model. `inside` are the models that it is nested in; a model is not nested in itself."""
    within = (*inside, model)
    return {column.name: _property(column, within) for column in model.__columns__.values()}


def _property(column: Column, inside: Path) -> Any:
    if column.default is not None:
        return column.default
    if column.read_only and column.type.kind in ("object", "list"):
        return column.empty
    match column.type.kind:
        case "string" | "password":
            return _text(column)
        case "id":
            # An empty ID is one that the server makes; an empty reference names nothing.
            return column.name if column.required else ""
        case "integer" | "decimal":
            return max(column.minimum or 0, 0)
        case _:
            return _value(column.type, inside)


def _text(column: Column) -> str:
    if column.required:
        return column.name[: column.max_length]
    return ""


def _value(wire: WireType, inside: Path) -> Any:
    if wire.enum is not None:
        return next(iter(wire.enum)).value
    if wire.model is not None:
        return None if wire.model in inside else example(wire.model, inside)
    if wire.item is not None:
        named = wire.item.enum or wire.item.model
        return [] if named is None or named in inside else [_value(wire.item, inside)]
    return _PLAIN.get(wire.kind)


_PLAIN: dict[str, Any] = {"boolean": False, "datetime": MOMENT, "xp": {}}

"""Enumerations as messages have them: by their numbers (INT-6, SYNC-3)."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from msgspec import Raw

from entrepot.declare.types import WireType
from entrepot.declare.wire import Wire
from entrepot.domain.orders.status import OrderStatus
from entrepot.domain.pricing.markups import PriceMarkupType
from entrepot.engine.wire.json import load

Values = dict[str, Any]

FIRST: Mapping[type[enum.StrEnum], int] = {OrderStatus: 1}
"""The number of the first value, where it is not 0."""
IN_PLACE_OF_NONE: Mapping[type[enum.StrEnum], int] = {PriceMarkupType: 0}
"""What stands where there is none: a published message has 0 beside a PriceMarkup of null."""


def numbered(model: type[Wire], item: Mapping[str, Any]) -> Values:
    """The object with a number in place of each value of an enumeration, also below it. Properties that the model lacks stay."""
    columns = model.__columns__
    return {
        name: value if name not in columns else _number(columns[name].type, value)
        for name, value in item.items()
    }


def number_of(value: enum.StrEnum) -> int:
    """By its place in the enumeration."""
    return FIRST.get(type(value), 0) + list(type(value)).index(value)


@lru_cache(maxsize=256)
def has_enumerations(wire: WireType) -> bool:
    """Whether a value of the type holds any, however deep."""
    if wire.enum is not None:
        return True
    if wire.model is not None:
        return any(has_enumerations(column.type) for column in wire.model.__columns__.values())
    return wire.item is not None and has_enumerations(wire.item)


def _number(wire: WireType, value: Any) -> Any:
    if not has_enumerations(wire):
        return value
    if isinstance(value, Raw):
        # Nested objects are rendered as the text that is stored.
        value = load(bytes(value).decode())
    if wire.enum is not None:
        return IN_PLACE_OF_NONE.get(wire.enum) if value is None else number_of(wire.enum(value))
    if value is None:
        return None
    if wire.model is not None:
        return numbered(wire.model, value)
    return [_number(wire.item, each) for each in value] if wire.item is not None else value

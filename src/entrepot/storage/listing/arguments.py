"""Arguments as bind parameters with their SQL types."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ARRAY, TIMESTAMP, BigInteger, Boolean, ColumnElement, Numeric, Text, bindparam, cast
from sqlalchemy.dialects.postgresql import JSONPATH
from sqlalchemy.types import TypeEngine

from entrepot.storage.listing.template import Slot, SlotType

_TYPES: dict[SlotType, TypeEngine[Any]] = {
    SlotType.TEXT: Text(),
    SlotType.TEXTS: ARRAY(Text()),
    SlotType.NUMERIC: Numeric(),
    SlotType.NUMERICS: ARRAY(Numeric()),
    SlotType.BIGINT: BigInteger(),
    SlotType.BIGINTS: ARRAY(BigInteger()),
    SlotType.BOOLEAN: Boolean(),
    SlotType.BOOLEANS: ARRAY(Boolean()),
    SlotType.INSTANT: TIMESTAMP(timezone=True),
    SlotType.INSTANTS: ARRAY(TIMESTAMP(timezone=True)),
    SlotType.JSONPATH: JSONPATH(),
}
MANY = frozenset({SlotType.TEXTS, SlotType.NUMERICS, SlotType.BIGINTS, SlotType.BOOLEANS, SlotType.INSTANTS})


def argument(slot: Slot) -> ColumnElement[Any]:
    """The bind parameter of a slot, explicitly typed; its name is the slot's index."""
    type_ = _TYPES[slot.type]
    return cast(bindparam(f"p{slot.index}", type_=type_), type_)

"""Arguments as places in the text, each with its SQL type."""

from __future__ import annotations

from entrepot.storage.listing.rendering import place
from entrepot.storage.listing.template import Slot, SlotType

MANY = frozenset({SlotType.TEXTS, SlotType.NUMERICS, SlotType.BIGINTS, SlotType.BOOLEANS, SlotType.INSTANTS})
_PREFIX = "p"


def argument(slot: Slot) -> str:
    """The place of a slot, explicitly typed; its name is the slot's index."""
    return f"CAST({place(f'{_PREFIX}{slot.index}')} AS {slot.type.value})"


def index_of(name: str) -> int | None:
    """The index of the slot whose place has this name; None for a name of the scope."""
    digits = name[len(_PREFIX) :]
    return int(digits) if name.startswith(_PREFIX) and digits.isdigit() else None

"""The order in which the lines of a promotion are taken (LIM-3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from entrepot.domain.expressions import properties
from entrepot.domain.expressions.environment import Record, member
from entrepot.domain.expressions.values import known_value

AGE = "DateAdded"


@dataclass(frozen=True, slots=True)
class SortKey:
    """One part of an ItemSortBy: a property of lines, by its path."""

    path: tuple[str, ...]
    descending: bool = False


def read_item_sort_by(text: str | None) -> tuple[SortKey, ...]:
    """The parts of `!LineSubtotal,Product.xp.Rank`. Raises ValueError with the name that lines do not have."""
    keys = []
    for part in (text or "").split(","):
        name = part.strip()
        if name:
            path = tuple(name.removeprefix("!").split("."))
            if path[0].lower() not in properties.LINE_ITEM or not all(path):
                raise ValueError(name)
            keys.append(SortKey(path, name.startswith("!")))
    return tuple(keys)


def in_order(lines: Sequence[Record], item_sort_by: str | None) -> list[Record]:
    """The lines by ItemSortBy, and the older ones first where that is silent."""
    ordered = sorted(lines, key=lambda line: _rank(member(line, AGE)))
    for key in reversed(read_item_sort_by(item_sort_by)):
        ordered.sort(key=lambda line: _rank(_at(line, key.path)), reverse=key.descending)
    return ordered


def _at(line: Record, path: tuple[str, ...]) -> Any:
    value: Any = line
    for name in path:
        value = member(value, name)
    return value


def _rank(value: Any) -> tuple[int, Any]:
    """A key by which values of any types can be sorted: nothing, booleans and numbers, dates, texts, the rest."""
    known = known_value(value)
    match known:
        case None:
            return 0, 0
        case bool() | Decimal():
            return 1, Decimal(known)
        case datetime():
            return 2, known
        case str():
            return 3, known
        case _:
            return 4, 0

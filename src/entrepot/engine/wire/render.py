"""Rows as the wire shows them (BODY-2, BODY-3, BODY-6, BODY-7). On the path of every read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from operator import itemgetter
from typing import Any

import asyncpg
from msgspec import Raw

from entrepot.declare.types import WireType
from entrepot.declare.wire import Column, Wire
from entrepot.engine.wire.json import dump, load
from entrepot.kernel.clock import format_datetime
from entrepot.kernel.money import plain_text

Row = Mapping[str, Any] | asyncpg.Record
Conversion = Callable[[Any], Any]


class Renderer:
    """Turns rows of one model into wire objects, which `json.encode` takes.

    A row has values by property name in any order; names beyond the model are left out, missing ones are null. Dates
    are aware datetimes, decimals Decimal, and xp, objects and lists of objects JSON text (or values already). The
    object has every property in the contract's order. Secrets are null, in nested objects too, and what may not be null
    never is: the one place that sees to it (AUTH-61, INT-4).
    """

    def __init__(self, model: type[Wire]) -> None:
        shown = [
            column for column in model.__columns__.values() if not column.write_only and _is_selected(column)
        ]
        self._blank: dict[str, Any] = dict.fromkeys(model.__columns__)
        self._names = tuple(column.name for column in shown)
        # A single name would yield its bare value, hence the repetition; zip ends with the shorter one.
        self._select = itemgetter(*self._names, *self._names[:1])
        self._conversions = tuple(
            (column.name, conversion)
            for column in shown
            if (conversion := _conversion(column.type)) is not None
        )
        self._never_null = tuple(
            (column.name, column.instead_of_null)
            for column in model.__columns__.values()
            if not column.may_be_null and column.instead_of_null is not None
        )

    def render(self, row: Row) -> dict[str, Any]:
        """One row as a wire object."""
        item = self._blank.copy()
        try:
            item.update(zip(self._names, self._select(row), strict=False))
        except KeyError:
            item.update((name, row.get(name)) for name in self._names)
        for name, conversion in self._conversions:
            value = item[name]
            if value is not None:
                item[name] = conversion(value)
        for name, instead in self._never_null:
            if item[name] is None:
                item[name] = instead
        return item

    def render_all(self, rows: Iterable[Row]) -> list[dict[str, Any]]:
        """The Items of a list page."""
        return [self.render(row) for row in rows]


def page(meta: Mapping[str, Any], items: list[dict[str, Any]]) -> dict[str, Any]:
    """A list page: exactly Meta and Items (SDK-5)."""
    return {"Meta": meta, "Items": items}


def has_secrets(wire: WireType) -> bool:
    """Whether objects of this type hold a write-only property at any depth."""
    model = wire.item.model if wire.item is not None else wire.model
    return model is not None and any(c.write_only or has_secrets(c.type) for c in model.__columns__.values())


def without_secrets(wire: WireType, value: Any) -> Any:
    """A nested value with its write-only properties null, and no others that may not be."""
    if isinstance(value, list):
        return [without_secrets(wire.item, element) for element in value] if wire.item else value
    if wire.model is None or not isinstance(value, dict):
        return value
    columns = wire.model.__columns__
    return {name: _inner(columns[name], inner) if name in columns else inner for name, inner in value.items()}


def _inner(column: Column, value: Any) -> Any:
    if column.write_only:
        return None
    if value is None:
        return None if column.may_be_null else column.instead_of_null
    return without_secrets(column.type, value)


def _is_selected(column: Column) -> bool:
    return column.stored or column.computed is not None


def _conversion(wire: WireType) -> Conversion | None:
    match wire.kind:
        case "datetime":
            return format_datetime
        case "decimal":
            return _number
        case "list" if wire.item is not None and wire.item.kind in ("id", "string", "enum"):
            return None
        case "xp" | "object" | "list" if has_secrets(wire):
            return lambda value: _masked(wire, value)
        case "xp" | "object" | "list":
            return _spliced
        case _:
            return None


def _number(value: Any) -> Raw:
    return Raw(plain_text(value))


def _spliced(value: Any) -> Any:
    # The stored text itself: key order and unknown shapes cannot change on the way (XP-1).
    return Raw(value) if isinstance(value, str) else value


def _masked(wire: WireType, value: Any) -> Any:
    masked = without_secrets(wire, load(value) if isinstance(value, str) else value)
    return Raw(dump(masked))

"""Secrets of integrations at rest, encrypted (INT-4).

Write-only ones stand sealed in their own place, also within nested objects: the text of `seal` where the value would
be. They are opened only to be used. Readable ones (HashKey ...) have no column of their own, so that lists cannot
filter on them (FLT-4), but a sealed one that `present` opens.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from entrepot.declare.entity import Stored
from entrepot.declare.wire import Wire
from entrepot.engine.wire.render import has_secrets
from entrepot.features.people.credentials.secrets import SecretBox

Values = dict[str, Any]


def sealed_column(name: str) -> Stored:
    """The column of a readable secret: declare its property with `stored=False`."""
    return Stored(name=column_of(name), type="bytea")


def column_of(name: str) -> str:
    """`HashKey` -> `sealed_hashkey`."""
    return f"sealed_{name.lower()}"


def place(table: str, column: str, marketplace_id: int) -> tuple[str, ...]:
    """Where a secret lives: it opens in this column of this marketplace only. IDs are no part, since they change."""
    return (table, column, str(marketplace_id))


def secret_columns(model: type[Wire]) -> tuple[str, ...]:
    """The properties that are write-only or hold something write-only."""
    return tuple(
        column.name for column in model.__columns__.values() if column.write_only or has_secrets(column.type)
    )


def seal(
    box: SecretBox, table: str, marketplace_id: int, model: type[Wire], old: Values | None, new: Values
) -> None:
    """Seal the write-only values of `new` that are not the stored ones of `old`."""
    for name in secret_columns(model):
        where = place(table, name, marketplace_id)

        def sealed(text: str, where: tuple[str, ...] = where) -> str:
            return base64.b64encode(box.seal_text(text, where)).decode()

        column = model.__columns__[name]
        before = (old or {}).get(name)
        if column.write_only:
            new[name] = _sealed(before, new.get(name), sealed)
        elif isinstance(new.get(name), dict):
            assert column.type.model is not None
            new[name] = _sealed_within(column.type.model, before, new[name], sealed)


def open_secrets(
    box: SecretBox, table: str, marketplace_id: int, model: type[Wire], stored: Values
) -> Values:
    """The stored values of a row with their write-only ones in clear, to deliver with."""
    opened = dict(stored)
    for name in secret_columns(model):
        where = place(table, name, marketplace_id)

        def clear(text: str, where: tuple[str, ...] = where) -> str:
            return box.open_text(base64.b64decode(text), where)

        column, value = model.__columns__[name], stored.get(name)
        if value is not None and column.write_only:
            opened[name] = clear(value)
        elif isinstance(value, dict):
            assert column.type.model is not None
            opened[name] = _sealed_within(column.type.model, None, value, clear)
    return opened


def _sealed(before: Any, value: Any, convert: Callable[[str], str]) -> Any:
    if not value:
        return None
    # What was not sent comes from the row and is sealed already (CONV-2).
    return value if value == before else convert(value)


def _sealed_within(model: type[Wire], before: Any, value: Values, convert: Callable[[str], str]) -> Values:
    converted = dict(value)
    known = before if isinstance(before, dict) else {}
    for name, column in model.__columns__.items():
        inner = value.get(name)
        if column.write_only:
            converted[name] = _sealed(known.get(name), inner, convert)
        elif column.type.model is not None and isinstance(inner, dict):
            converted[name] = _sealed_within(column.type.model, known.get(name), inner, convert)
    return converted


def resealed(
    box: SecretBox,
    table: str,
    marketplace_id: int,
    model: type[Wire],
    stored: Values,
    *,
    copied_from: int | None = None,
) -> Values:
    """The stored values of a row that hold something write-only, sealed with the current key.

    copied_from: the marketplace in which they were sealed, where that is another one.
    """
    values: Values = {}
    for name in secret_columns(model):
        where, value = place(table, name, marketplace_id), stored.get(name)
        before = where if copied_from is None else place(table, name, copied_from)
        known: dict[str, str] = {}

        def anew(
            text: str,
            before: tuple[str, ...] = before,
            where: tuple[str, ...] = where,
            known: dict[str, str] = known,
        ) -> str:
            # What stands twice stays alike (DC-2).
            if text not in known:
                opened = box.open(base64.b64decode(text), before)
                known[text] = base64.b64encode(box.seal(opened, where)).decode()
            return known[text]

        column = model.__columns__[name]
        if value is not None and column.write_only:
            values[name] = anew(value)
        elif isinstance(value, dict):
            assert column.type.model is not None
            values[name] = _sealed_within(column.type.model, None, value, anew)
    return values

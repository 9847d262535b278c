"""What of an object, as the API shows it, stands in a seed file (SEED-2)."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from entrepot.declare.wire import Wire
from entrepot.features.people.integrations.hooks import HEADER_NAME, HEADER_VALUE
from entrepot.features.seeding.kinds import Kind
from entrepot.features.seeding.placeholders import MARKETPLACE, OWNERS, REDACTED

Values = dict[str, Any]


def seed_record(
    kind: Kind, item: Values, names: tuple[str, ...], marketplace: str, *, opens: bool = False
) -> Values:
    """What a seed can write of an item that has been read from `marketplace`; `names` are what it needs in any case. A property
    that the item has not is left out. opens: whether secrets that the item has are left in.
    """
    beside, columns = _written(kind, names)
    record: Values = {name: item[name] for name in beside}
    for name, is_secret, model in columns:
        if is_secret:
            record[name] = REDACTED
        elif name in item:
            record[name] = item[name] if model is None else _writable(model, item[name])
    _cover_header(kind.model, record)
    for name in OWNERS:
        if name in record and (record[name] or marketplace).lower() == marketplace.lower():
            record[name] = MARKETPLACE
    for name in () if opens else kind.secrets:
        if record.get(name) is not None:
            record[name] = REDACTED
    return record


@lru_cache(maxsize=1024)
def _written(
    kind: Kind, names: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[tuple[str, bool, type[Wire] | None], ...]]:
    """Which of the names are no properties of the model; and what of it is written, whether as a placeholder, and what it consists of."""
    columns, asis = kind.model.__columns__, {*names, *kind.keeps}
    written = [
        (name, column.write_only and name not in asis, None if name in asis else column.type.model)
        for name, column in columns.items()
        if name in asis or (column.required if column.write_only else column.writable)
    ]
    return tuple(name for name in names if name not in columns), tuple(written)


def _writable(model: type[Wire] | None, value: Any) -> Any:
    """A nested object without what is read-only; required secrets as placeholders."""
    if model is None or not isinstance(value, dict):
        return value
    written: Values = {}
    for name, column in model.__columns__.items():
        if column.write_only and column.required:
            written[name] = REDACTED
        elif column.writable and not column.write_only:
            written[name] = _writable(column.type.model, value.get(name))
    _cover_header(model, written)
    return written


def _cover_header(model: type[Wire], record: Values) -> None:
    """A header has a value where it has a name (SIG-5), though nobody sees it."""
    if record.get(HEADER_NAME) and HEADER_VALUE in model.__columns__:
        record[HEADER_VALUE] = REDACTED

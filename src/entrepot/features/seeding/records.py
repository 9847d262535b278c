"""What of an object, as the API shows it, stands in a seed file (SEED-2)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from entrepot.declare.wire import Wire
from entrepot.features.seeding.kinds import Kind
from entrepot.features.seeding.placeholders import MARKETPLACE, OWNERS, REDACTED

Values = dict[str, Any]


def seed_record(
    kind: Kind, item: Values, names: Iterable[str], marketplace: str, *, opens: bool = False
) -> Values:
    """What a seed can write of an item that has been read from `marketplace`; `names` are what it needs in any case. A property
    that the item has not is left out. opens: whether secrets that the item has are left in.
    """
    columns = kind.model.__columns__
    wanted = frozenset(names)
    record: Values = {name: item[name] for name in names if name not in columns}
    for name, column in columns.items():
        if column.write_only and column.required and name not in wanted and name not in kind.keeps:
            record[name] = REDACTED
        elif name not in item:
            continue
        elif name in kind.keeps or name in wanted:
            record[name] = item[name]
        elif column.writable and not column.write_only:
            record[name] = _writable(column.type.model, item[name])
    for name in OWNERS:
        if name in record and (record[name] or marketplace).lower() == marketplace.lower():
            record[name] = MARKETPLACE
    for name in () if opens else kind.secrets:
        if record.get(name) is not None:
            record[name] = REDACTED
    return record


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
    return written

"""From what a server answers to seed records: known properties alone, secrets as placeholders, the seller as one, too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from entrepot.declare.types import WireType
from entrepot.declare.wire import Wire
from entrepot.features.seeding.own.settings import WORD
from entrepot.features.seeding.placeholders import REDACTED
from entrepot.features.seeding.records import seed_record
from entrepot.features.seeding.remote.findings import Findings
from entrepot.features.seeding.remote.listings import Listing, values_of

Values = dict[str, Any]


def record_of(
    listing: Listing, item: Values, home: Mapping[str, str], marketplace: str, findings: Findings
) -> Values:
    """The record of an item. What this version does not know is left out, and found."""
    kind = listing.kind
    shown = listing.operation.returns
    assert shown is not None
    item = known_properties(shown.model, item, kind.name, findings)
    names = [*home, *listing.renames.values()]
    if kind.plain is not None:
        names += [name for name in kind.plain.key if name in kind.model.__columns__]
    if kind.assignment is not None:
        names += [thing.column for thing in kind.assignment.things]
    values = values_of(listing, item, home)
    if listing.word:
        values[WORD] = listing.word
        names.append(WORD)
    named = tuple(name for name in dict.fromkeys(names) if name in values)
    record = seed_record(kind, values, named, marketplace)
    about = [kind.name, *home.values(), str(record.get("ID") or listing.word)]
    for path in redacted(record):
        findings.redacted[".".join((*about, path))] += 1
    return record


def whole_record(listing: Listing, item: Values, home: Mapping[str, str], findings: Findings) -> Values:
    """What is kept of an item that no seed has: all that is known of it, and where it was."""
    shown = listing.operation.returns
    assert shown is not None
    return {"Home": dict(home), "Item": known_properties(shown.model, item, listing.kind.name, findings)}


def known_properties(model: type[Wire], item: Values, path: str, findings: Findings) -> Values:
    """An item with the properties of its model alone, also within."""
    columns = model.__columns__
    known: Values = {}
    for name, value in item.items():
        column = columns.get(name)
        if column is None:
            findings.unknown[f"{path}.{name}"] += 1
        else:
            known[name] = _known_value(column.type, value, f"{path}.{name}", findings)
    return known


def redacted(record: Values, path: str = "") -> list[str]:
    """Where a record has a placeholder for a secret."""
    found = []
    for name, value in record.items():
        if value == REDACTED:
            found.append(f"{path}{name}")
        elif isinstance(value, dict) and name != "xp":
            found += redacted(value, f"{path}{name}.")
    return found


def _known_value(type_: WireType, value: Any, path: str, findings: Findings) -> Any:
    if type_.kind == "list" and type_.item is not None and isinstance(value, list):
        return [_known_value(type_.item, each, path, findings) for each in value]
    if type_.model is not None and isinstance(value, dict):
        return known_properties(type_.model, value, path, findings)
    return value

"""A seed file as a side of a comparison."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from entrepot.declare.registry import Registry
from entrepot.features.seeding.comparing.forms import Forms
from entrepot.features.seeding.comparing.sides import Formed, Kept, formed
from entrepot.features.seeding.kinds import Kind, find_kind, kinds_of
from entrepot.features.seeding.problems import Problems, reading_error
from entrepot.features.seeding.reading import Record, SeedFileError, read_records
from entrepot.features.seeding.unknown import Unknown
from entrepot.kernel.errors import ApiError
from entrepot.kernel.ids import is_id

Look = Callable[[Kind, Record, Formed], None]
"""Is told of each record that is kept."""


@dataclass(frozen=True, slots=True)
class FileRecords:
    """What a file holds. named: the kinds that stand there, be it with no records."""

    kept: Kept
    named: frozenset[str]
    unknown: Unknown


def read_file(
    registry: Registry,
    path: Path,
    problems: Problems,
    marketplace: str = "",
    *,
    advance: Callable[[int], None] = lambda _: None,
    look: Look = lambda _kind, _record, _formed: None,
) -> FileRecords:
    """All records of a file, for a marketplace of this ID. Problems are added; raises SeedRefusedError for what is no seed file, and
    for too many problems, and OSError.
    """
    kinds = {kind.name: kind for kind in kinds_of(registry)}
    keeping, named, unknown = Kept(Forms(registry, marketplace)), set[str](), Unknown()

    def name(section: str, kind: str, line: int) -> None:
        named.add(kind)
        if find_kind(kinds, section, kind) is None:
            problems.add_unknown_kind(line, section, kind)

    try:
        for record in read_records(path, advance, name):
            kind = find_kind(kinds, record.section, record.kind)
            if kind is None:
                continue
            if not isinstance(record.value, dict):
                problems.add(record.line, record.kind, "a record must be a mapping")
            else:
                unknown.take(kind, record)
                _take(keeping, kind, record, problems, look)
    except SeedFileError as error:
        raise reading_error(error) from None
    return FileRecords(keeping, frozenset(named), unknown)


def name_of(kind: Kind, record: Record) -> str:
    """`Products.lamp`, for messages."""
    object_id = record.value.get("ID")
    return f"{kind.name}.{object_id}" if isinstance(object_id, str) else kind.name


def _take(keeping: Kept, kind: Kind, record: Record, problems: Problems, look: Look) -> None:
    what = name_of(kind, record)
    try:
        made = formed(keeping.forms, kind, record.value)
    except ApiError as error:
        problems.add_refusal(record.line, what, error)
        return
    if kind.section == "Objects":
        assert kind.resource is not None
        name = kind.id_name
        object_id = made.form.get(name)
        if not isinstance(object_id, str) or not (is_id(object_id) or kind.table == "xp_indices"):
            problems.add(record.line, what, f"a record needs an {name} to be told from others", name)
            return
    if not keeping.add(kind, made, record.line) and kind.section == "Objects":
        problems.add(record.line, what, "another record above has the same ID", "ID")
        return
    look(kind, record, made)

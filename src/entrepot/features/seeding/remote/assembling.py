"""A seed file of what was read: children as they were written, nothing that names what was not read, no secrets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from entrepot.declare.registry import Registry
from entrepot.engine.wire.json import dump
from entrepot.features.seeding.download import FORMAT_VERSION
from entrepot.features.seeding.kinds import Kind, Section, kinds_of
from entrepot.features.seeding.remote.families import as_written
from entrepot.features.seeding.remote.findings import Findings
from entrepot.features.seeding.remote.known import Known
from entrepot.features.seeding.remote.naming import Naming
from entrepot.features.seeding.remote.store import Store
from entrepot.features.seeding.seeding import Progress

Values = dict[str, Any]
SECTIONS: tuple[Section, ...] = ("Objects", "Assignments")


def assemble(
    registry: Registry,
    store: Store,
    findings: Findings,
    path: Path,
    progress: Progress,
) -> None:
    """Write the file."""
    kinds = kinds_of(registry)
    advance = progress.begin("Putting together", 2 * len(kinds))
    known = Known()
    for kind in kinds:
        for record in store.records(kind.name):
            known.note(kind, record)
        advance(1)
    naming = Naming(registry, known, findings)
    # Whole kinds, in the order of writing: what is left out takes with it what names it.
    drafts = {kind.name: path.with_name(f"{kind.name}.draft") for kind in kinds}
    for kind in kinds:
        with drafts[kind.name].open("wb") as file:
            for record in _records(store, kind):
                whole = naming.mended(kind, record)
                if whole is not None:
                    file.write(b"    - " + dump(whole).encode() + b"\n")
        advance(1)
    with path.open("wb") as file:
        file.write(f"Meta:\n  CreatedBySeedingVersion: {FORMAT_VERSION}\n".encode())
        for section in SECTIONS:
            file.write(f"{section}:\n".encode())
            for kind in kinds:
                if kind.section == section:
                    _append(file, kind.name, drafts[kind.name])


def _records(store: Store, kind: Kind) -> Iterator[Values]:
    if kind.name != "Products":
        yield from store.records(kind.name)
        return
    parents = {
        str(record["ID"]).lower(): record for record in store.records(kind.name) if record.get("IsParent")
    }
    for record in store.records(kind.name):
        yield as_written(record, parents.get(str(record.get("ParentID")).lower()))


def _append(file: BinaryIO, name: str, draft: Path) -> None:
    if not draft.stat().st_size:
        file.write(f"  {name}: []\n".encode())
    else:
        file.write(f"  {name}:\n".encode())
        with draft.open("rb") as lines:
            while part := lines.read(1024 * 1024):
                file.write(part)
    draft.unlink()

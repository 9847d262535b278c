"""A seed file of what was read: children as they were written, nothing that names what was not read, no secrets."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any, BinaryIO

from entrepot.declare.registry import Registry
from entrepot.engine.wire.json import dump
from entrepot.features.seeding.download import FORMAT_VERSION
from entrepot.features.seeding.kinds import Kind, Section, kinds_of
from entrepot.features.seeding.looks import looks_of
from entrepot.features.seeding.problems import Problem
from entrepot.features.seeding.remote.families import as_written
from entrepot.features.seeding.remote.findings import Findings
from entrepot.features.seeding.remote.known import Known
from entrepot.features.seeding.remote.listings import listings_of
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
    unfit: Collection[bytes] = (),
) -> None:
    """Write the file. unfit: records that are left out, as `records_at` tells of them."""
    kinds = kinds_of(registry)
    findings.cleared.clear()
    findings.dropped.clear()
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
                line = b"" if whole is None else b"    - " + dump(whole).encode() + b"\n"
                if unfit and _mark(kind.name, line) in unfit:
                    naming.leave_out(kind, record)
                else:
                    file.write(line)
        advance(1)
    unread = _unread(registry, findings)
    with path.open("wb") as file:
        file.write(f"Meta:\n  CreatedBySeedingVersion: {FORMAT_VERSION}\n".encode())
        for section in SECTIONS:
            file.write(f"{section}:\n".encode())
            for kind in kinds:
                if kind.section == section:
                    _append(file, kind.name, drafts[kind.name], named=kind.name not in unread)


def _records(store: Store, kind: Kind) -> Iterator[Values]:
    if kind.name != "Products":
        yield from store.records(kind.name)
        return
    parents = {
        str(record["ID"]).lower(): record for record in store.records(kind.name) if record.get("IsParent")
    }
    for record in store.records(kind.name):
        yield as_written(record, parents.get(str(record.get("ParentID")).lower()))


def records_at(path: Path, problems: Sequence[Problem]) -> Iterator[tuple[str, bytes, str]]:
    """Of the records of a file that problems stand at: their kinds, what `assemble` knows them by, and the first problem of each."""
    messages = {each.line: each.message for each in reversed(problems) if each.line}
    kind = ""
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if not line.startswith(b"    - "):
                kind = line.decode().strip().partition(":")[0]
            elif number in messages:
                yield kind, _mark(kind, line), messages[number]


def _mark(kind: str, line: bytes) -> bytes:
    return blake2b(line, key=kind.encode(), digest_size=16).digest()


def _unread(registry: Registry, findings: Findings) -> set[str]:
    """Kinds of which nobody knows that there is nothing: no list has them or names whom they are of, or the token may not read it."""
    unread: set[str] = set()
    tables: set[str] = set()
    listings = listings_of(registry)
    for kind in kinds_of(registry):
        lists = [listing.operation.id for listing in listings[kind.name]]
        named = {look.table for look in looks_of(kind, registry)}
        if not lists or not findings.refused.keys().isdisjoint(lists) or named & tables:
            unread.add(kind.name)
            tables.add(kind.table)
    return unread


def _append(file: BinaryIO, name: str, draft: Path, *, named: bool) -> None:
    """named: whether the file says of a kind that there is nothing of it, so that whoever prunes by it deletes what is there."""
    if not draft.stat().st_size:
        if named:
            file.write(f"  {name}: []\n".encode())
    else:
        file.write(f"  {name}:\n".encode())
        with draft.open("rb") as lines:
            while part := lines.read(1024 * 1024):
                file.write(part)
    draft.unlink()

"""What has been read of a marketplace, in a directory: each kind in a file of its own, and a journal from which a run goes on.

A record is a line of JSON. The journal says after each part how long its file then was and from where its list goes on, so that
what a killed run has half written is cut off. Nobody but its owner may read the directory.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from entrepot.engine.wire.json import dump, load
from entrepot.features.seeding.remote.errors import RemoteError
from entrepot.features.seeding.remote.paging import Cursor

FORMAT = 1
HEAD, JOURNAL, FOUND, LOCK = "clone.json", "journal.jsonl", "found", "lock"

Values = dict[str, Any]


class StoreError(RemoteError):
    """The directory cannot be gone on from."""


@dataclass(frozen=True, slots=True)
class Head:
    """Of what source the records are. A run goes on only where all of it is the same."""

    url: str
    client_id: str
    marketplace: str
    orders: bool = False
    anonymized: str = ""
    """How: nothing, `with xp` or `without xp`."""


class Store:
    """One directory. `cursors` has where the lists of a former run go on: None where one is read to its end."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.cursors: dict[str, Cursor | None] = {}
        self.found: Mapping[str, Any] = {}
        """The findings of a former run, as JSON."""
        self._sizes: dict[str, int] = {}
        self._files: dict[str, BinaryIO] = {}
        self._journal: BinaryIO | None = None
        self._turn: BinaryIO | None = None

    @classmethod
    def open(cls, directory: Path, head: Head) -> Store:
        """Begin, or go on. Raises StoreError and OSError."""
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        store = cls(directory)
        store._lock()
        try:
            store._begin(head)
        except BaseException:
            store.close()
            raise
        return store

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let others have the directory."""
        for file in (*self._files.values(), self._journal, self._turn):
            if file is not None:
                file.close()

    @property
    def goes_on(self) -> bool:
        """Whether a former run has read something."""
        return bool(self.cursors)

    def add(
        self,
        kind: str,
        portion: str,
        records: Iterable[Values],
        then: Cursor | None,
        found: Mapping[str, Any],
    ) -> None:
        """Keep the records of a part of a portion, which goes on at `then`."""
        assert self._journal is not None
        file = self._files.get(kind)
        if file is None:
            file = self._files[kind] = self._path(kind).open("ab")
        file.write(b"".join(dump(record).encode() + b"\n" for record in records))
        file.flush()
        line: Values = {"kind": kind, "portion": portion, "size": file.tell(), "then": then}
        if found != self.found:
            line[FOUND] = self.found = found
        self._journal.write(json.dumps(line).encode() + b"\n")
        self._journal.flush()
        self.cursors[portion] = then

    def records(self, kind: str) -> Iterator[Values]:
        """Those of a kind, in the order in which they were read."""
        path = self._path(kind)
        if path.exists():
            with path.open("rb") as file:
                for line in file:
                    yield load(line)

    def remove(self) -> None:
        """All of it."""
        for path in self.directory.iterdir():
            path.unlink()
        self.directory.rmdir()

    def _begin(self, head: Head) -> None:
        path = self.directory / HEAD
        if path.exists():
            self._go_on(path, head)
        elif any(each.name != LOCK for each in self.directory.iterdir()):
            raise StoreError(f"{self.directory} holds something else than a clone that was begun.")
        else:
            _write_whole(path, json.dumps({"format": FORMAT, **asdict(head)}, indent=2))
        self._journal = (self.directory / JOURNAL).open("ab")

    def _lock(self) -> None:
        """Two runs would write into one another."""
        self._turn = (self.directory / LOCK).open("ab")
        try:
            fcntl.flock(self._turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._turn.close()
            raise StoreError(f"Another run is at work in {self.directory}.") from None

    def _go_on(self, path: Path, head: Head) -> None:
        try:
            kept = json.loads(path.read_bytes())
            version = kept.pop("format")
        except (ValueError, KeyError, AttributeError, TypeError):
            raise StoreError(
                f"{path} is not what a clone has begun. Remove {self.directory} to begin anew."
            ) from None
        if version != FORMAT:
            raise StoreError(f"{self.directory} is of another version of Entrepot. Remove it to begin anew.")
        if kept != asdict(head):
            raise StoreError(
                f"{self.directory} holds {kept.get('marketplace')} of {kept.get('url')}, read by {kept.get('client_id')},"
                f" {'with' if kept.get('orders') else 'without'} orders"
                f"{', anonymized' if kept.get('anonymized') else ''}. Remove it, or name another directory with --state."
            )
        journal = self.directory / JOURNAL
        good = 0
        for line in journal.read_bytes().splitlines(keepends=True) if journal.exists() else ():
            if not line.endswith(b"\n"):
                break
            self._take(json.loads(line))
            good += len(line)
        if journal.exists():
            os.truncate(journal, good)
        for kind_path in self.directory.glob("*.records"):
            size, kept_size = kind_path.stat().st_size, self._sizes.get(kind_path.stem, 0)
            if size < kept_size:
                raise StoreError(f"{kind_path} is cut off. Remove {self.directory} to begin anew.")
            os.truncate(kind_path, kept_size)

    def _take(self, line: Values) -> None:
        self.cursors[line["portion"]] = line["then"]
        self._sizes[line["kind"]] = line["size"]
        self.found = line.get(FOUND, self.found)

    def _path(self, kind: str) -> Path:
        return self.directory / f"{kind}.records"


def _write_whole(path: Path, text: str) -> None:
    draft = path.with_suffix(".draft")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)

"""Files that a passphrase opens: whole and unchanged, or not at all."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable

import pytest

from entrepot.features.people.snapshot_files import sealed_file
from entrepot.features.people.snapshot_files.sealed_file import FRAME, MAGIC, FileReader, FileWriter
from entrepot.kernel.errors import (
    ApiError,
    ChangedSnapshotFileError,
    CutSnapshotFileError,
    LargeSnapshotFileError,
    NewerSnapshotFileError,
    NoSnapshotFileError,
    WrongPassphraseError,
)

PASSPHRASE = "correct horse battery"
HEAD = {"version": "1", "schema": "0041"}


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealed_file, "MEMORY_KIB", 8)
    monkeypatch.setattr(sealed_file, "PASSES", 1)


def written(*parts: bytes) -> bytes:
    file = io.BytesIO()
    writer = FileWriter(file, PASSPHRASE, HEAD)
    for part in parts:
        writer.write(part)
    writer.end()
    return file.getvalue()


def read(file: bytes, passphrase: str = PASSPHRASE) -> bytes:
    reader = FileReader(io.BytesIO(file))
    reader.open(passphrase)
    return b"".join(reader.pieces())


def frames(file: bytes) -> tuple[bytes, list[bytes]]:
    """The head, and the frames with their lengths."""
    at = len(MAGIC) + 4 + int.from_bytes(file[len(MAGIC) : len(MAGIC) + 4], "big")
    head, found = file[:at], []
    while at < len(file):
        end = at + 4 + int.from_bytes(file[at : at + 4], "big")
        found.append(file[at:end])
        at = end
    return head, found


@pytest.mark.parametrize("size", [0, 1, FRAME - 1, FRAME, FRAME + 1, 5 * FRAME + 17])
def test_what_is_written_is_read(size: int) -> None:
    data = os.urandom(size)
    assert read(written(data[: size // 3], data[size // 3 :])) == data


def test_nothing_is_read_without_the_passphrase() -> None:
    file = written(b"a secret of the marketplace")
    assert b"secret" not in file
    assert PASSPHRASE.encode() not in file
    for wrong in ("correct horse batterx", PASSPHRASE + " ", ""):
        with pytest.raises(WrongPassphraseError):
            read(file, wrong)


def test_two_files_of_the_same_differ() -> None:
    assert frames(written(b"same"))[1] != frames(written(b"same"))[1]


def test_every_cut_is_seen() -> None:
    file = written(os.urandom(3 * FRAME))
    head, parts = frames(file)
    ends = [len(head)]
    for part in parts:
        ends.append(ends[-1] + len(part))
    cuts = {
        0,
        1,
        len(MAGIC) - 1,
        len(MAGIC),
        len(MAGIC) + 3,
        len(head) - 1,
        *ends[:-1],
        *(end - 1 for end in ends),
        ends[1] + 2,
    }
    for cut in sorted(cuts):
        with pytest.raises((CutSnapshotFileError, NoSnapshotFileError, NewerSnapshotFileError)):
            read(file[:cut])
    assert len(parts) > 2


def test_every_change_is_seen() -> None:
    file = written(os.urandom(FRAME + 100))
    places = [*range(200), *range(200, len(file), 997), len(file) - 1]
    for at in places:
        changed = bytearray(file)
        changed[at] ^= 1
        with pytest.raises(ApiError):
            read(bytes(changed))


@pytest.mark.parametrize(
    "change",
    [
        lambda parts: parts[:1] + parts[2:],
        lambda parts: [parts[1], parts[0], *parts[2:]],
        lambda parts: [parts[0], parts[0], *parts[1:]],
        lambda parts: parts[:1] + parts[-1:],
        lambda parts: [*parts, parts[-1]],
        lambda parts: [*parts, b"more"],
    ],
)
def test_frames_stay_in_their_places(change: Callable[[list[bytes]], list[bytes]]) -> None:
    head, parts = frames(written(os.urandom(3 * FRAME)))
    with pytest.raises(ChangedSnapshotFileError):
        read(head + b"".join(change(parts)))


def test_frames_stay_in_their_file() -> None:
    """Also under the same passphrase."""
    (head, _), (_, parts) = frames(written(b"a")), frames(written(b"b"))
    with pytest.raises(ChangedSnapshotFileError):
        read(head + b"".join(parts))


def test_other_files_are_none() -> None:
    for other in (b"", b"PK\3\4", b"ENTREPOT", b"\0" * 100, b"%PDF-1.7"):
        with pytest.raises(NoSnapshotFileError):
            FileReader(io.BytesIO(other))
    with pytest.raises(NewerSnapshotFileError):
        FileReader(io.BytesIO(b"ENTREPOT SNAPSHOT 2\n" + b"\0" * 100))


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"[]",
        b"{}",
        b"no",
        b'{"salt":"!","check":""}',
        b'{"salt":"AAAA","check":""}',
        b"[" * 4000,
        b'{"salt":1,"check":2}',
    ],
)
def test_heads_that_are_none(head: bytes) -> None:
    with pytest.raises(NoSnapshotFileError):
        FileReader(io.BytesIO(MAGIC + len(head).to_bytes(4, "big") + head))
    with pytest.raises(NoSnapshotFileError):
        FileReader(io.BytesIO(MAGIC + (2**32 - 1).to_bytes(4, "big") + head))


def test_the_head_is_told_and_bound() -> None:
    file = written(b"x")
    reader = FileReader(io.BytesIO(file))
    assert (reader.head["version"], reader.head["schema"]) == ("1", "0041")
    head, parts = frames(file)
    told = json.loads(head[len(MAGIC) + 4 :])
    text = json.dumps({**told, "schema": "0042"}).encode()
    with pytest.raises(ChangedSnapshotFileError):
        read(MAGIC + len(text).to_bytes(4, "big") + text + b"".join(parts))


def test_a_small_file_does_not_unpack_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealed_file, "MOST_UNPACKED", 4 * 2**20)
    file = written(b"\0" * (5 * 2**20))
    assert len(file) < 16_000
    with pytest.raises(LargeSnapshotFileError):
        read(file)
    monkeypatch.setattr(sealed_file, "MOST_UNPACKED", 6 * 2**20)
    reader = FileReader(io.BytesIO(file))
    reader.open(PASSPHRASE)
    assert max(map(len, reader.pieces())) <= sealed_file.PIECE

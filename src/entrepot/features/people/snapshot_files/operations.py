"""Snapshots as files: exported and imported."""

from __future__ import annotations

import asyncio
import re
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import IO

from entrepot.declare.operation import (
    Created,
    FileReply,
    HeaderParameter,
    Operation,
    QueryParameter,
    Reply,
    Returns,
    Unit,
    operation,
)
from entrepot.engine.call import Call
from entrepot.engine.query import parameters
from entrepot.features.people.copies import limited
from entrepot.features.people.services import services
from entrepot.features.people.snapshot_files.exporting import export
from entrepot.features.people.snapshot_files.filing import LARGEST_FILE, MOST_WAITING, FileWork, Filing
from entrepot.features.people.snapshot_files.importing import arrive, open_file
from entrepot.features.people.snapshots import store
from entrepot.features.people.snapshots.models import Snapshot
from entrepot.features.people.snapshots.operations import IMPORT, SNAPSHOTS
from entrepot.features.people.snapshots.store import SNAPSHOT
from entrepot.kernel.errors import (
    BodyTooLargeError,
    ChangedSnapshotFileError,
    CutSnapshotFileError,
    InvalidPassphraseError,
    InvalidTypeError,
    LargeSnapshotFileError,
    NewerSnapshotFileError,
    NoSnapshotFileError,
    NotFoundError,
    OlderSnapshotFileError,
    TooBusyError,
    TooManyCopiesError,
    WrongPassphraseError,
)
from entrepot.kernel.ids import new_id

PASSPHRASE = HeaderParameter(
    "Entrepot-Passphrase",
    required=True,
    description="Opens the file: 12 to 200 printable characters of ASCII.",
)
LONGEST_NAME = 100
_PASSPHRASE = re.compile(r"[\x20-\x7e]{12,200}")
_PLAIN = re.compile(r"[^A-Za-z0-9_-]+")


@operation(
    "Snapshots.Export",
    "GET",
    f"{SNAPSHOTS.item_path}/file",
    **SNAPSHOTS.facts,
    summary="Get a snapshot as a file that a passphrase opens",
    description="It holds all that the marketplace held, hashes of passwords and secrets too, sealed with the passphrase.",
    headers=(PASSPHRASE,),
    gives_file=True,
    errors=(NotFoundError, InvalidPassphraseError, TooBusyError),
    unit=Unit.OWN,
)
async def export_snapshot(call: Call) -> Reply:
    """The file is made whole, on disk, before the answer begins: it is one moment, and what fails is told as such."""
    snapshot_id = call.path["snapshotID"]
    shown, passphrase = await SNAPSHOTS.read(call, snapshot_id), passphrase_of(call)
    file = await asyncio.to_thread(tempfile.TemporaryFile)
    try:
        async with _turn(call) as filing, call.pool.unit(call.marketplace_id) as connection:
            held = await store.hold(call, connection, SNAPSHOT, snapshot_id)
            await limited(connection)
            name, now = shown["Name"] or "", call.server_clock()
            await export(connection, filing, services(call).box, held.key, name, file, passphrase, now)
        size = file.tell()
        file.seek(0)
    except BaseException:
        file.close()
        raise
    name = _PLAIN.sub("-", snapshot_id).strip("-") or "snapshot"
    return Reply(file=FileReply(file, size, f"{name}.entrepot"))


@operation(
    "Snapshots.Import",
    "POST",
    f"{SNAPSHOTS.path}/{IMPORT}",
    **SNAPSHOTS.facts,
    summary="Make a snapshot of a file that was exported, here or elsewhere",
    description="All of it or nothing. The file has to be of the same version of Entrepot's schema.",
    status=201,
    headers=(PASSPHRASE,),
    query=(
        QueryParameter(
            "name", description="What the snapshot is to be called, in place of its name in the file."
        ),
    ),
    takes_file=LARGEST_FILE,
    returns=Returns(Snapshot),
    errors=(
        InvalidPassphraseError,
        InvalidTypeError,
        BodyTooLargeError,
        NoSnapshotFileError,
        NewerSnapshotFileError,
        OlderSnapshotFileError,
        WrongPassphraseError,
        CutSnapshotFileError,
        ChangedSnapshotFileError,
        LargeSnapshotFileError,
        TooManyCopiesError,
        TooBusyError,
    ),
    unit=Unit.OWN,
)
async def import_snapshot(call: Call) -> Reply:
    """One transaction, which reads the file to its end before it stands."""
    passphrase, given, file = passphrase_of(call), parameters(call).get("name"), call.upload
    if given is not None and len(given) > LONGEST_NAME:
        raise InvalidTypeError("name")
    assert file is not None
    await store.require_room(call, SNAPSHOT)
    snapshot_id = new_id()
    async with _turn(call) as filing:
        await _import(call, filing, file, passphrase, snapshot_id, given)
    return Reply(await SNAPSHOTS.read(call, snapshot_id), created=Created(snapshot_id, below=SNAPSHOTS.path))


async def _import(
    call: Call, filing: Filing, file: IO[bytes], passphrase: str, snapshot_id: str, given: str | None
) -> None:
    reader, now = await open_file(file, passphrase), call.server_clock()
    async with call.pool.unit(call.marketplace_id) as connection:
        await limited(connection)
        target = await store.hidden_marketplace(connection, "", now)
        arrived = await arrive(connection, filing, services(call).box, reader, target)
        name = given if given is not None else arrived.name[:LONGEST_NAME]
        await store.add(call, connection, SNAPSHOT, snapshot_id, name, target, now, origin={"imported": True})
        await store.require_kept(call, connection, SNAPSHOT)


def passphrase_of(call: Call) -> str:
    """Raises InvalidPassphraseError."""
    return require_passphrase(call.sender.header(PASSPHRASE.name) or "")


def require_passphrase(passphrase: str) -> str:
    """Raises InvalidPassphraseError."""
    if not _PASSPHRASE.fullmatch(passphrase):
        raise InvalidPassphraseError
    return passphrase


@asynccontextmanager
async def _turn(call: Call) -> AsyncIterator[Filing]:
    """Few files are worked on at once. Raises TooBusyError where many wait already."""
    work = services(call).memory(FileWork)
    if work.waiting >= MOST_WAITING:
        raise TooBusyError
    work.waiting += 1
    try:
        async with work.turn:
            yield await work.filing()
    finally:
        work.waiting -= 1


OPERATIONS: tuple[Operation, ...] = (export_snapshot, import_snapshot)

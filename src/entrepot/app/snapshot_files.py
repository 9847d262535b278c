"""`entrepot snapshot export` and `entrepot snapshot import`: marketplaces as files that a passphrase opens (ADR 0046)."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from entrepot.app.files import sync_directory
from entrepot.app.forwarding import MARKETPLACE, UnknownNameError
from entrepot.app.registry import registry
from entrepot.app.secret_key import secret_box
from entrepot.app.settings import Settings
from entrepot.features.people.copies import copies_of
from entrepot.features.people.oauth import bootstrap
from entrepot.features.people.snapshot_files.exporting import export
from entrepot.features.people.snapshot_files.filing import filing_of
from entrepot.features.people.snapshot_files.importing import arrive, open_file
from entrepot.features.people.snapshots import store
from entrepot.kernel.clock import utc_now
from entrepot.kernel.ids import is_id, new_id
from entrepot.storage.marketplace_copy import TELL_CLIENTS

SNAPSHOT = """
SELECT copy_id FROM marketplace_copies WHERE marketplace_id = $1 AND kind = $2 AND "ID" = $3 FOR SHARE
"""
RENAME = 'UPDATE marketplaces SET "Name" = $2 WHERE marketplace_id = $1'
CLIENTS = 'SELECT "ID", "AppName" FROM api_clients WHERE marketplace_id = $1 ORDER BY "AppName", "ID"'
NAME = 'SELECT "Name" FROM marketplaces WHERE marketplace_id = $1'


@dataclass(frozen=True, slots=True)
class Imported:
    """A marketplace just made. clients: IDs of its API clients and what they are called; keeps_clients: whether these are the IDs that
    they had.
    """

    marketplace: str
    name: str
    rows: int
    clients: tuple[tuple[str, str], ...]
    keeps_clients: bool


async def export_file(
    pool: asyncpg.Pool,
    settings: Settings,
    marketplace: str,
    snapshot: str | None,
    file: Path,
    passphrase: str,
) -> int:
    """Write a marketplace as it is at this moment, or a snapshot of it; how many rows. The file is there when it is whole.

    Raises UnknownNameError, and OSError where the file cannot be written.
    """
    filing, box, draft = (
        filing_of(registry()),
        secret_box(settings),
        file.with_name(f"{file.name}.{os.getpid()}"),
    )
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as sink:
            async with pool.acquire() as connection:
                transaction = connection.transaction()
                await transaction.start()
                try:
                    source = await _source(connection, settings, marketplace, snapshot)
                    name = await connection.fetchval(NAME, source) or ""
                    rows = await export(connection, filing, box, source, name, sink, passphrase, utc_now())
                finally:
                    # The copy from which a marketplace was written is nobody's.
                    await transaction.rollback()
            sink.flush()
            os.fsync(sink.fileno())
        draft.replace(file)
        sync_directory(file.parent)
    finally:
        draft.unlink(missing_ok=True)
    return rows


async def import_file(
    pool: asyncpg.Pool,
    settings: Settings,
    file: Path,
    passphrase: str,
    marketplace: str | None,
    name: str | None,
) -> Imported:
    """A new marketplace of a file, all of it or nothing. API clients keep their IDs where nobody here has one of them.

    Raises UnknownNameError for an ID that cannot be, ApiError for a file that cannot be read, and OSError.
    """
    marketplace = marketplace or new_id()
    if not is_id(marketplace):
        raise UnknownNameError(f"{marketplace} cannot be the ID of a marketplace.")
    filing, box = filing_of(registry()), secret_box(settings)
    with file.open("rb") as source:
        reader = await open_file(source, passphrase)
        async with pool.acquire() as connection, connection.transaction():
            try:
                target = await bootstrap.add_marketplace(
                    connection, marketplace, name or file.stem, utc_now()
                )
            except asyncpg.UniqueViolationError:
                raise UnknownNameError(f"There is a marketplace {marketplace} already.") from None
            arrived = await arrive(connection, filing, box, reader, target, keep_clients=None)
            if name is None and arrived.name:
                await connection.execute(RENAME, target, arrived.name)
            await connection.execute(TELL_CLIENTS, target)
            clients = tuple((each["ID"], each["AppName"]) for each in await connection.fetch(CLIENTS, target))
    name = name or arrived.name or file.stem
    return Imported(marketplace, name, arrived.rows, clients, arrived.keeps_clients)


async def _source(
    connection: asyncpg.Connection, settings: Settings, marketplace: str, snapshot: str | None
) -> int:
    """The marketplace that is written: a snapshot's, or a copy that is of one moment."""
    own = await connection.fetchval(MARKETPLACE, marketplace)
    if own is None:
        raise UnknownNameError(f"There is no marketplace {marketplace}.")
    if snapshot is not None:
        found = await connection.fetchval(SNAPSHOT, own, store.SNAPSHOT, snapshot)
        if found is None:
            raise UnknownNameError(f"{marketplace} has no snapshot {snapshot}.")
        return int(found)
    copies = copies_of(registry(), keeps_clients=True)
    name = await connection.fetchval(NAME, own) or ""
    target = await store.hidden_marketplace(connection, name, utc_now())
    await copies.copy(connection, secret_box(settings), own, target, hidden=True)
    return target

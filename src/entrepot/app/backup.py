"""`entrepot backup` and `entrepot restore`: the database with the keys that it cannot do without, in one file.

The file is a zip: `entrepot.json` tells what is in it, `database.dump` is an archive of pg_dump, `secret.key` and
`demo.json` are those of the data directory.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg

from entrepot import __version__
from entrepot.app.files import sync_directory
from entrepot.app.secret_key import secret_box, with_kept_key
from entrepot.app.settings import Settings, SettingsError
from entrepot.features.people.credentials import key_check
from entrepot.kernel.clock import utc_now
from entrepot.storage.connecting import connected
from entrepot.storage.dump import dump
from entrepot.storage.migrate import recorded_revision

FORMAT = 1
ABOUT, DATABASE, KEY, DEMO = "entrepot.json", "database.dump", "secret.key", "demo.json"


class BackupError(SettingsError):
    """A backup that cannot be made or put back; the message says what to do."""


@dataclass(frozen=True, slots=True)
class About:
    """What a backup says of itself. key_check: opens with the database's secret key alone, base64."""

    format: int
    entrepot: str
    revision: str | None
    server: int
    dumped_by: int
    made_at: str
    key_check: str | None
    keys: tuple[str, ...]

    @classmethod
    def read(cls, archive: zipfile.ZipFile) -> About:
        """Raises BackupError."""
        try:
            told: dict[str, Any] = json.loads(archive.read(ABOUT))
            if told["format"] != FORMAT:
                raise BackupError(
                    f"The backup has format {told['format']}, which this version does not read."
                )
            return cls(**{**told, "keys": tuple(told["keys"])})
        except (KeyError, TypeError, ValueError) as error:
            raise BackupError(f"{archive.filename} is no backup of Entrepot.") from error


async def back_up(settings: Settings, url: str, file: Path, *, keys: bool) -> About:
    """Write the database as it is at this moment, while others work with it. The file is there when it is whole.

    Raises PostgresUnavailableError, and OSError where the file cannot be written.
    """
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as sink:
            async with connected(url) as connection, connection.transaction(isolation="repeatable_read"):
                about = await _write(settings, url, connection, sink, keys=keys)
            sink.flush()
            os.fsync(sink.fileno())
        draft.replace(file)
        sync_directory(file.parent)
    finally:
        draft.unlink(missing_ok=True)
    return about


async def _write(
    settings: Settings, url: str, connection: asyncpg.Connection, sink: Any, *, keys: bool
) -> About:
    snapshot = await connection.fetchval("SELECT pg_export_snapshot()")
    server = await connection.fetchval("SELECT current_setting('server_version_num')::int / 10000")
    await connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
    sealed = await key_check.sealed_value(connection)
    kept = dict(_keys(_with_key(settings, sealed))) if keys else {}
    # The archive is compressed already.
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        with archive.open(_entry(DATABASE), "w", force_zip64=True) as entry:
            dumped_by = dump(url, server, snapshot, entry)
        for name, content in kept.items():
            archive.writestr(_entry(name), content)
        about = About(
            format=FORMAT,
            entrepot=__version__,
            revision=await recorded_revision(connection),
            server=server,
            dumped_by=dumped_by,
            made_at=utc_now().isoformat(timespec="seconds"),
            key_check=None if sealed is None else base64.b64encode(sealed).decode(),
            keys=tuple(kept),
        )
        archive.writestr(_entry(ABOUT), json.dumps(asdict(about), indent=2))
    return about


def _with_key(settings: Settings, sealed: bytes | None) -> Settings:
    settings = with_kept_key(settings, make=False)
    if sealed is not None and not key_check.opens(secret_box(settings), sealed):
        raise BackupError("The secret key is not the database's: restore the one that belongs to it.")
    return settings


def _entry(name: str) -> zipfile.ZipInfo:
    now: datetime = utc_now()
    entry = zipfile.ZipInfo(name, (now.year, now.month, now.day, now.hour, now.minute, now.second))
    entry.external_attr = 0o600 << 16  # for whoever unpacks it by hand
    return entry


def _keys(settings: Settings) -> Iterator[tuple[str, str]]:
    yield KEY, "\n".join((settings.secret_key, *settings.previous_secret_keys))
    if settings.demo:
        with contextlib.suppress(FileNotFoundError):
            yield DEMO, (settings.data_dir / DEMO).read_text()

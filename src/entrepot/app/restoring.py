"""`entrepot restore`: a backup into a data directory or a database that is empty, or is to be replaced."""

from __future__ import annotations

import base64
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from entrepot.app import files
from entrepot.app.backup import DATABASE, DEMO, KEY, About, BackupError
from entrepot.app.secret_key import key_file, secret_box, with_kept_key
from entrepot.app.settings import PREFIX, Settings
from entrepot.features.people.credentials import key_check
from entrepot.storage.connecting import connected
from entrepot.storage.dump import restore as restore_dump
from entrepot.storage.embedded import CLUSTER, EmbeddedPostgres, running_url
from entrepot.storage.migrate import check_known
from entrepot.storage.suitable import check_rights, check_suitable

TABLES = """
SELECT count(*) FROM pg_class c WHERE c.relkind IN ('r', 'p') AND c.relnamespace = current_schema()::regnamespace
AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
"""


async def restore(settings: Settings, file: Path, *, replacing: bool) -> About:
    """Put a backup where the settings point, all of it or nothing. What was there is kept aside in the data directory; in a
    database of one's own it is gone.

    Raises BackupError, NewerSchemaError and PostgresUnavailableError.
    """
    with _opened(file) as archive:
        about = About.read(archive)
        check_known(about.revision)
        if settings.database_url is None:
            await _into_directory(settings, archive, about, replacing=replacing)
        else:
            _check_key(settings, archive, about)
            await _into_database(settings.database_url, archive, about, replacing=replacing)
    return about


@contextmanager
def _opened(file: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(file) as archive:
            yield archive
    except zipfile.BadZipFile as error:
        raise BackupError(f"{file} is no backup of Entrepot, or not whole: {error}.") from error


def _check_key(settings: Settings, archive: zipfile.ZipFile, about: About) -> None:
    """The settings' key has to be the backup's, before anything is written."""
    if about.key_check is None or key_check.opens(secret_box(settings), base64.b64decode(about.key_check)):
        return
    hint = f": `unzip -p {archive.filename} {KEY}` shows it" if KEY in about.keys else ""
    raise BackupError(f"{PREFIX}SECRET_KEY is not the key of this backup{hint}.")


# --- a database of one's own ----------------------------------------------------------------------------------


async def _into_database(url: str, archive: zipfile.ZipFile, about: About, *, replacing: bool) -> None:
    await check_suitable(url)
    async with connected(url) as connection:
        await check_rights(connection)
        tables = await connection.fetchval(TABLES)
        server = await connection.fetchval("SELECT current_setting('server_version_num')::int / 10000")
    if tables and not replacing:
        raise BackupError(
            "The database is not empty: name another one, or drop what it holds with --replace."
        )
    with archive.open(DATABASE) as contents, archive.open(DATABASE) as data:
        restore_dump((contents, data), about.dumped_by, url, server, replace=bool(tables))
    async with connected(url) as connection:
        # An archive has no statistics; and totals are counted from indexes, which tell them of what was vacuumed.
        await connection.execute("VACUUM (ANALYZE)")


# --- the embedded database ------------------------------------------------------------------------------------


async def _into_directory(
    settings: Settings, archive: zipfile.ZipFile, about: About, *, replacing: bool
) -> None:
    home = settings.data_dir
    if running_url(home) is not None:
        raise BackupError(f"A server runs on {home}: stop it first.")
    taken = [place for place in _places(home) if place.exists()]
    if (home / CLUSTER).exists() and not replacing:
        raise BackupError(
            f"{home} holds a database: choose another --data-dir, or put that one aside with --replace."
        )
    kept = KEY in about.keys
    if not kept:
        _check_key(with_kept_key(settings, make=False), archive, about)
    fresh = home / "restore.new"
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        with EmbeddedPostgres(fresh, programs=settings.postgres_bin) as server:
            await _into_database(server.url, archive, about, replacing=False)
        for name in (KEY, DEMO) if kept else ():
            if name in about.keys:
                files.replace(fresh / name, archive.read(name).decode())
        _put_aside([place for place in taken if kept or place != key_file(home)], home)
        # The database last: without it a server would make a new one, with it it has the key too.
        for place in reversed(_places(home)):
            if (fresh / place.name).exists():
                (fresh / place.name).rename(place)
        files.sync_directory(home)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _places(home: Path) -> tuple[Path, ...]:
    return (home / CLUSTER, home / DEMO, key_file(home))


def _put_aside(places: list[Path], home: Path) -> None:
    if not places:
        return
    aside = home / f"replaced-{datetime.now(UTC):%Y%m%dT%H%M%S}"
    aside.mkdir(mode=0o711)
    for place in places:
        place.rename(aside / place.name)

"""Brings a database's schema to the newest revision.

The revisions are migrations/versions/*.py: reviewed SQL, one chain. All that are due run in one transaction. It waits
for locks a short while at a time only, since whoever comes later waits behind it.
"""

import asyncio
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg

from entrepot.storage.connecting import connected
from entrepot.storage.programs import PostgresUnavailableError
from entrepot.storage.suitable import UnsuitableDatabaseError, check_rights

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.exc import DBAPIError

MIGRATIONS = Path(__file__).with_name("migrations")

# Any constant: processes that start together take turns on it.
_LOCK = 0x656E_7472  # "entr"
LOCK_TIMEOUT = 2.0
"""Seconds that a migration waits for a table which somebody uses; all that want the table then wait behind it."""
PATIENCE = 120.0
"""Seconds for which it is tried again."""
_PAUSE = 1.0

_REVISION = re.compile(r"^(down_)?revision(?:\s*:[^=]+)?\s*=\s*(?:[\"']([^\"']+)[\"']|None)", re.MULTILINE)


class NewerSchemaError(RuntimeError):
    """The database's schema is none that this version knows."""

    def __init__(self, revision: str) -> None:
        super().__init__(
            f"The database's schema has revision {revision}, which this version does not know (its newest is"
            f" {head_revision()}): run the version of Entrepot that made it, or a newer one."
        )


async def migrate(url: str) -> list[str]:
    """Runs the revisions that are due and returns their names, oldest first; at the newest one it only looks.

    Safe with several processes at once: one works, the others wait and then find nothing to do.
    Raises NewerSchemaError, UnsuitableDatabaseError, and PostgresUnavailableError where a lock is not to be had.
    """
    if not await is_due(url):
        return []
    async with connected(url) as connection:
        await check_rights(connection)
        has_rows = await current_revision(url) is not None
        done = await _upgrade_patiently(url)
        if has_rows and done:
            # Tables that were rewritten, and columns that were filled, are planned by what is in them now.
            await connection.execute("ANALYZE")
    return done


async def _upgrade_patiently(url: str) -> list[str]:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return await _upgrade(url)
        except _LockedError as locked:
            if time.monotonic() > deadline:
                raise PostgresUnavailableError(
                    "The schema could not be changed, since a long transaction holds a table that has to change: end it"
                    " (pg_stat_activity shows it) and try again. Nothing was changed."
                ) from locked
            await asyncio.sleep(_PAUSE)


async def is_due(url: str) -> bool:
    """Whether there is anything to migrate. Raises NewerSchemaError and PostgresUnavailableError."""
    current = await current_revision(url)
    check_known(current)
    return current != head_revision()


def check_known(revision: str | None) -> None:
    """Raises NewerSchemaError for a revision that this version has no file of."""
    if revision is not None and revision not in _known_revisions():
        raise NewerSchemaError(revision)


async def current_revision(url: str) -> str | None:
    """The revision of the database's schema; None for a database without one.

    Raises PostgresUnavailableError where the database cannot be connected to.
    """
    async with connected(url) as connection:
        return await recorded_revision(connection)


async def recorded_revision(connection: asyncpg.Connection) -> str | None:
    """The same, on a connection."""
    # Asked first: within a transaction, a table that is not there would end it.
    if await connection.fetchval("SELECT to_regclass('alembic_version')") is None:
        return None
    revision: str | None = await connection.fetchval("SELECT version_num FROM alembic_version")
    return revision


def head_revision() -> str | None:
    """The newest revision of the files; None when there is no file.

    Read from their text: importing Alembic takes longer than all else that a start has to do.
    """
    heads = _known_revisions() - _names(down=True)
    if len(heads) > 1:
        raise RuntimeError(f"The migrations have more than one newest revision: {', '.join(sorted(heads))}.")
    return heads.pop() if heads else None


def _known_revisions() -> set[str]:
    return _names(down=False)


def _names(*, down: bool) -> set[str]:
    files = (MIGRATIONS / "versions").glob("*.py")
    found = (match for file in files for match in _REVISION.findall(file.read_text()))
    return {name for is_down, name in found if name and bool(is_down) == down}


class _LockedError(Exception):
    """Somebody else holds a table."""


async def _upgrade(url: str) -> list[str]:
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory
    from sqlalchemy import text
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import DBAPIError
    from sqlalchemy.ext.asyncio import create_async_engine
    from sqlalchemy.pool import NullPool

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    done: list[str] = []

    def run(connection: "Connection") -> None:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        # Only now: for other processes of ours one waits as long as they work.
        connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}s'"))
        before = _recorded(connection)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        after = _recorded(connection)
        if after is not None and after != before:
            revisions = ScriptDirectory.from_config(config).iterate_revisions(after, before or "base")
            done.extend(reversed([revision.revision for revision in revisions]))

    engine = create_async_engine(make_url(url).set(drivername="postgresql+asyncpg"), poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(run)
    except DBAPIError as error:
        _tell(error)
        raise
    finally:
        await engine.dispose()
    return done


def _tell(error: "DBAPIError") -> None:
    """What a person or another attempt can mend, in words."""
    match getattr(error.orig, "sqlstate", None):
        case asyncpg.LockNotAvailableError.sqlstate:
            raise _LockedError from error
        case asyncpg.DuplicateTableError.sqlstate:
            raise UnsuitableDatabaseError(
                f"The database has tables of something else ({_plain(error)}): name an empty one. Nothing was changed."
            ) from error
        case asyncpg.InsufficientPrivilegeError.sqlstate:
            raise UnsuitableDatabaseError(
                f"The schema could not be changed ({_plain(error)}): migrate as the owner of the tables."
                " Nothing was changed."
            ) from error


def _plain(error: "DBAPIError") -> str:
    return str(error.orig).rpartition(">: ")[2]


def _recorded(connection: "Connection") -> str | None:
    from sqlalchemy import text

    if connection.execute(text("SELECT to_regclass('alembic_version')")).scalar() is None:
        return None
    recorded: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return recorded

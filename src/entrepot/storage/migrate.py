"""Brings a database's schema to the newest revision.

The revisions are migrations/versions/*.py: reviewed SQL, one chain. All that are due run in one transaction.
"""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
from asyncpg.exceptions import InterfaceError, PostgresError

from entrepot.storage.programs import PostgresUnavailableError

if TYPE_CHECKING:
    from sqlalchemy import Connection

MIGRATIONS = Path(__file__).with_name("migrations")

# Any constant: processes that start together take turns on it.
_LOCK = 0x656E_7472  # "entr"

_REVISION = re.compile(r"^(down_)?revision(?:\s*:[^=]+)?\s*=\s*(?:[\"']([^\"']+)[\"']|None)", re.MULTILINE)


async def migrate(url: str) -> list[str]:
    """Runs the revisions that are due and returns their names, oldest first; at the newest one it only looks.

    Safe with several processes at once: one works, the others wait and then find nothing to do.
    """
    if await current_revision(url) == head_revision():
        return []
    return await _upgrade(url)


async def current_revision(url: str) -> str | None:
    """The revision of the database's schema; None for a database without one.

    Raises PostgresUnavailableError where the database cannot be connected to.
    """
    try:
        connection = await asyncpg.connect(url)
    except (OSError, PostgresError, InterfaceError) as error:
        raise PostgresUnavailableError(f"The database cannot be reached: {error}") from error
    try:
        revision: str | None = await connection.fetchval("SELECT version_num FROM alembic_version")
    except asyncpg.UndefinedTableError:
        return None
    finally:
        await connection.close()
    return revision


def head_revision() -> str | None:
    """The newest revision of the files; None when there is no file.

    Read from their text: importing Alembic takes longer than all else that a start has to do.
    """
    revisions: set[str] = set()
    replaced: set[str] = set()
    for file in (MIGRATIONS / "versions").glob("*.py"):
        for down, name in _REVISION.findall(file.read_text()):
            if name:
                (replaced if down else revisions).add(name)
    heads = revisions - replaced
    if len(heads) > 1:
        raise RuntimeError(f"The migrations have more than one newest revision: {', '.join(sorted(heads))}.")
    return heads.pop() if heads else None


async def _upgrade(url: str) -> list[str]:
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory
    from sqlalchemy import text
    from sqlalchemy.engine import make_url
    from sqlalchemy.ext.asyncio import create_async_engine
    from sqlalchemy.pool import NullPool

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    done: list[str] = []

    def run(connection: "Connection") -> None:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
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
    finally:
        await engine.dispose()
    return done


def _recorded(connection: "Connection") -> str | None:
    from sqlalchemy import text

    if connection.execute(text("SELECT to_regclass('alembic_version')")).scalar() is None:
        return None
    recorded: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return recorded

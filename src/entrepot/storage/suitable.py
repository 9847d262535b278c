"""Whether a database can hold what Entrepot keeps: the server's version, letters, extensions, our rights."""

from __future__ import annotations

from collections.abc import Iterable

import asyncpg

from entrepot.storage.connecting import connected
from entrepot.storage.programs import OLDEST_MAJOR, PostgresUnavailableError

EXTENSIONS = ("citext", "pg_trgm", "btree_gin")
"""What the schema is built on; all of them are in PostgreSQL's own contrib."""

STANDING = """
SELECT current_setting('server_version_num')::int / 10000 AS major, current_setting('server_version') AS version,
       current_setting('server_encoding') AS encoding
"""
KNOWS_LETTERS = "SELECT lower($1) = $2"
# Of extensions that are made already nothing is asked. One that is trusted needs no superuser.
MISSING_EXTENSIONS = """
SELECT wanted.name, available.name IS NOT NULL AS offered,
       current_setting('is_superuser')::bool
       OR COALESCE(available.trusted, false) AND has_database_privilege(current_database(), 'CREATE') AS may_create
FROM unnest($1::text[]) AS wanted(name)
LEFT JOIN (
    SELECT v.name, bool_or(v.trusted) AS trusted FROM pg_available_extension_versions v GROUP BY v.name
) AS available ON available.name = wanted.name
WHERE NOT EXISTS (SELECT 1 FROM pg_extension e WHERE e.extname = wanted.name)
"""
MAY_CREATE_TABLES = """
SELECT current_schema() IS NOT NULL AND has_schema_privilege(current_schema(), 'CREATE'), current_user::text
"""


class UnsuitableDatabaseError(PostgresUnavailableError):
    """A database that cannot be used as it is; the message says what to do, in one line."""


async def check_suitable(url: str) -> None:
    """Refuse a database that would take everything and then find names wrongly.

    Raises UnsuitableDatabaseError, and PostgresUnavailableError where it cannot be connected to.
    """
    async with connected(url) as connection:
        await check_standing(connection)


async def check_standing(connection: asyncpg.Connection) -> None:
    """The same, on a connection."""
    standing = await connection.fetchrow(STANDING)
    if standing["major"] < OLDEST_MAJOR:
        raise UnsuitableDatabaseError(
            f"The database's server is PostgreSQL {standing['version']}: {OLDEST_MAJOR} or newer is needed."
        )
    if standing["encoding"] != "UTF8":
        raise UnsuitableDatabaseError(
            f"The database's encoding is {standing['encoding']}, which cannot hold all letters: {_make_another()}"
        )
    if not await connection.fetchval(KNOWS_LETTERS, "É", "é"):
        raise UnsuitableDatabaseError(
            "The database's locale knows the letters of ASCII only, so that names would not be found without"
            f" regard to case: {_make_another()}"
        )


async def missing_extensions(connection: asyncpg.Connection) -> list[str]:
    """The extensions that are needed and have not been made in this database."""
    return [row["name"] for row in await connection.fetch(MISSING_EXTENSIONS, list(EXTENSIONS))]


async def check_rights(connection: asyncpg.Connection) -> None:
    """Before migrations: the extensions are there or can be made, and so can tables. Raises UnsuitableDatabaseError."""
    rows = await connection.fetch(MISSING_EXTENSIONS, list(EXTENSIONS))
    absent = [row["name"] for row in rows if not row["offered"]]
    if absent:
        raise UnsuitableDatabaseError(
            f"PostgreSQL's extensions {_names(absent)} are not installed on the database's server: install its contrib"
            " package (Debian and Ubuntu have them in postgresql-NN itself, Red Hat in postgresql-contrib)."
        )
    may_create, role = await connection.fetchrow(MAY_CREATE_TABLES)
    refused = [row["name"] for row in rows if not row["may_create"]]
    if refused:
        raise UnsuitableDatabaseError(
            f"The role {role} may not create the extensions {_names(refused)}: let an administrator run"
            f" {' '.join(f'CREATE EXTENSION {name};' for name in refused)} in this database."
        )
    if not may_create:
        raise UnsuitableDatabaseError(
            f"The role {role} may not create tables in this database: make it the database's owner."
        )


def _make_another() -> str:
    return "make one with CREATE DATABASE entrepot TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'."


def _names(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))

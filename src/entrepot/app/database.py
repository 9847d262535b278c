"""The database that the settings mean, with the schema that this version needs and the key that opens it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from entrepot.app.secret_key import key_file, secret_box, with_kept_key
from entrepot.app.settings import PREFIX, Settings, SettingsError
from entrepot.features.people.credentials import key_check
from entrepot.features.people.credentials.secrets import SecretBoxError
from entrepot.storage.connecting import connected
from entrepot.storage.embedded import EmbeddedPostgres, holds_cluster, running_url
from entrepot.storage.migrate import is_due
from entrepot.storage.migrate import migrate as upgrade_schema
from entrepot.storage.pool import open_pool
from entrepot.storage.ready_pool import ReadyPool
from entrepot.storage.suitable import check_suitable

Result = TypeVar("Result")


class OutdatedSchemaError(RuntimeError):
    """The database named is not at the newest revision."""


class NoDatabaseError(RuntimeError):
    """The data directory holds none."""


@contextmanager
def own_database(settings: Settings) -> Iterator[str]:
    """The URL of the database named, or of the embedded one, which runs while the block does and is ours alone."""
    if settings.database_url is not None:
        yield settings.database_url
        return
    with EmbeddedPostgres(settings.data_dir, programs=settings.postgres_bin) as server:
        yield server.url


@contextmanager
def reachable_database(settings: Settings, *, makes: bool = False) -> Iterator[str]:
    """The same for a single command, which may run beside the server that has the embedded database.

    makes: whether the command has something to do in a database that it makes itself. Raises NoDatabaseError for others where there is
    none, and makes nothing: a misspelt directory is no new server.
    """
    beside = running_url(settings.data_dir) if settings.embedded else None
    if beside is not None:
        yield beside
        return
    if settings.embedded and not makes and not holds_cluster(settings.data_dir):
        raise NoDatabaseError(
            f"There is no database in {settings.data_dir}: name the server's directory by --data-dir, or its database by --database-url."
        )
    with own_database(settings) as url:
        yield url


async def prepare(settings: Settings, url: str) -> Settings:
    """Make sure that the database can be worked with, and give the settings with the key that opens it.

    Raises OutdatedSchemaError, NewerSchemaError, PostgresUnavailableError and SettingsError.
    """
    await ensure_schema(url, upgrade=settings.embedded)
    return await unlock(settings, url)


async def ensure_schema(url: str, *, upgrade: bool) -> None:
    """Makes sure that the schema is the newest one. `upgrade` runs the migrations that are due.

    The embedded database is upgraded on the way; about another one its owner decides. Raises OutdatedSchemaError,
    NewerSchemaError and PostgresUnavailableError.
    """
    await check_suitable(url)
    if upgrade:
        await upgrade_schema(url)
    elif await is_due(url):
        raise OutdatedSchemaError(
            "The database's schema is not the newest one: run `entrepot migrate` first."
        )


async def migrate(settings: Settings, url: str) -> list[str]:
    """Run the migrations that are due; their names. Raises what `prepare` raises."""
    await check_suitable(url)
    done = await upgrade_schema(url)
    await unlock(settings, url)
    return done


async def unlock(settings: Settings, url: str) -> Settings:
    """The settings with the database's secret key. One is made only where nothing would be lost without the former.

    Raises SettingsError.
    """
    async with connected(url) as connection:
        source = f"{PREFIX}SECRET_KEY" if settings.secret_key else key_file(settings.data_dir)
        settings = with_kept_key(settings, make=not await key_check.holds_sealed(connection))
        try:
            await key_check.check(connection, secret_box(settings))
        except SecretBoxError:
            raise SettingsError(
                f"{source} is not the key with which this database's secrets were sealed: restore"
                " the one that belongs to it."
            ) from None
    return settings


def run_on_database(
    settings: Settings, work: Callable[[Settings, ReadyPool], Awaitable[Result]], *, makes: bool = False
) -> Result:
    """What a single command does: `work` on the database, once it is prepared. Raises what `reachable_database` and `prepare` raise."""

    async def run(url: str) -> Result:
        ready = await prepare(settings, url)
        async with await open_pool(url, min_size=1, max_size=3) as pool:
            return await work(ready, pool)

    with reachable_database(settings, makes=makes) as url:
        return asyncio.run(run(url))

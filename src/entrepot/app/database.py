"""The database that the settings mean, with the schema that this version needs."""

from collections.abc import Iterator
from contextlib import contextmanager

from entrepot.app.settings import Settings
from entrepot.storage.embedded import EmbeddedPostgres, running_url
from entrepot.storage.migrate import current_revision, head_revision, migrate


class OutdatedSchemaError(RuntimeError):
    """The database named is not at the newest revision."""


@contextmanager
def own_database(settings: Settings) -> Iterator[str]:
    """The URL of the database named, or of the embedded one, which runs while the block does and is ours alone."""
    if settings.database_url is not None:
        yield settings.database_url
        return
    with EmbeddedPostgres(settings.data_dir) as server:
        yield server.url


@contextmanager
def reachable_database(settings: Settings) -> Iterator[str]:
    """The same for a single command, which may run beside the server that has the embedded database."""
    beside = running_url(settings.data_dir) if settings.embedded else None
    if beside is not None:
        yield beside
        return
    with own_database(settings) as url:
        yield url


async def ensure_schema(url: str, *, upgrade: bool) -> None:
    """Makes sure that the schema is the newest one. `upgrade` runs the migrations that are due.

    The embedded database is upgraded on the way; about another one its owner decides. Raises OutdatedSchemaError and
    PostgresUnavailableError.
    """
    if upgrade:
        await migrate(url)
    elif await current_revision(url) != head_revision():
        raise OutdatedSchemaError(
            "The database's schema is not the newest one: run `entrepot migrate` first."
        )

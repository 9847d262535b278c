"""`entrepot seed`, `entrepot validate` and `entrepot download`: marketplaces as files (SEED-1)."""

from __future__ import annotations

import asyncio
import hashlib
import os
import secrets
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Hashable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import asyncpg
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from entrepot.app.asgi import open_services
from entrepot.app.database import prepare
from entrepot.app.marketplaces import argon2_parameters
from entrepot.app.registry import registry
from entrepot.app.settings import Settings
from entrepot.features.people.credentials.passwords import Argon2Parameters, PasswordHasher
from entrepot.features.seeding.download import download
from entrepot.features.seeding.marketplace_records import NoMarketplaceError
from entrepot.features.seeding.problems import SeedRefusedError
from entrepot.features.seeding.seeding import Seeded, Seeder, check
from entrepot.kernel.clock import utc_now
from entrepot.kernel.ids import new_id
from entrepot.storage.embedded import EmbeddedPostgres
from entrepot.storage.pool import open_pool
from entrepot.storage.priority import give_way, give_way_in_database

__all__ = [
    "NoMarketplaceError",
    "SeedRefusedError",
    "bars_of",
    "download_file",
    "seed_file",
    "seeder",
    "validate_file",
]


async def seed_file(
    settings: Settings, url: str, path: Path, marketplace: str | None, name: str | None
) -> Seeded:
    """Make a marketplace of a file, with bars on standard error. Raises SeedRefusedError and OSError."""
    give_way()
    settings = await prepare(settings, url)
    async with (
        await open_pool(url, min_size=1, max_size=2) as pool,
        seeder(settings, pool) as made,
        pool.acquire() as connection,
    ):
        if settings.embedded:
            give_way_in_database(settings.data_dir, connection.get_server_pid())
        with bars_of() as bars:
            marketplace = marketplace or new_id()
            return await made.seed(connection, path, marketplace, name or path.stem, progress=bars)


def validate_file(path: Path) -> tuple[int, Seeded]:
    """The number of records of a file that can be seeded: it is, into a database that is thrown away; and what was made there.

    Raises SeedRefusedError, for what can be seen without a database at once; PostgresUnavailableError and OSError.
    """
    give_way()
    with bars_of() as bars:
        count = asyncio.run(check(registry(), path, progress=bars))
    with (
        tempfile.TemporaryDirectory(prefix="entrepot-validate-", ignore_cleanup_errors=True) as home,
        EmbeddedPostgres(Path(home), throwaway=True) as server,
    ):
        made = asyncio.run(seed_file(_throwaway(Path(home)), server.url, path, None, None))
    return count, made


def _throwaway(home: Path) -> Settings:
    """Settings for a marketplace that nobody will log in to: a key of the moment, the cheapest hashes that there are."""
    return Settings(data_dir=home, secret_key=secrets.token_urlsafe(48), argon2_memory_kib=8, argon2_passes=1)


async def download_file(settings: Settings, url: str, marketplace: str, path: Path) -> int:
    """Write a marketplace to a file, whole or not at all; the number of records. Raises NoMarketplaceError and OSError."""
    settings = await prepare(settings, url)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    count = 0

    def add(_kind: str, records: int) -> None:
        nonlocal count
        count += records

    async with (
        await open_pool(url, min_size=1, max_size=2) as pool,
        seeder(settings, pool) as made,
        pool.acquire() as connection,
    ):
        try:
            with draft.open("w", encoding="utf-8") as file:
                await download(connection, made.registry, made.services, marketplace, file, add)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
    return count


class RememberingHasher(PasswordHasher):
    """Hashes each distinct password once: users of test data often share one. However many wait, nobody else's have to."""

    def __init__(self, parameters: Argon2Parameters) -> None:
        super().__init__(parameters, longest_line=sys.maxsize)
        self._hashes: dict[bytes, asyncio.Task[str]] = {}

    async def hash(self, password: str, *, share: Hashable = None) -> str:
        digest = hashlib.sha256(password.encode("utf-8", "surrogatepass")).digest()
        known = self._hashes.get(digest)
        if known is None:
            known = self._hashes[digest] = asyncio.create_task(super().hash(password))
        return await known


class Bars:
    """The progress of a seed on a terminal: one bar for each task."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._open: list[TaskID] = []

    def begin(self, task: str, total: int, *, beside: bool = False) -> Callable[[int], None]:
        if not beside:
            self.end()
        bar = self._progress.add_task(task, total=total)
        self._open.append(bar)
        return partial(self._progress.advance, bar)

    def end(self) -> None:
        """The bars of the present tasks are full."""
        for bar in self._open:
            # Of nothing, all is done as well.
            total = self._progress.tasks[bar].total or 1
            self._progress.update(bar, total=total, completed=total)
        self._open.clear()


@asynccontextmanager
async def seeder(settings: Settings, pool: asyncpg.Pool, *, served: bool = False) -> AsyncIterator[Seeder]:
    """What seeds into the database of a pool, with the settings' key and password costs. served: as the seeder has it."""
    services = await open_services(settings, pool, utc_now)
    services.passwords.close()
    passwords = RememberingHasher(argon2_parameters(settings))
    try:
        yield Seeder(
            registry=registry(),
            services=replace(services, passwords=passwords),
            base_url=settings.base_url,
            served=served,
        )
    finally:
        passwords.close()
        await services.outgoing.close()


@contextmanager
def bars_of(*, piped: bool = True) -> Iterator[Bars]:
    """Bars that stay on the screen when they are full. piped: whether they are written at their end where there is no screen."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    console = Console(stderr=True)
    with Progress(
        *columns, TimeElapsedColumn(), console=console, disable=not (piped or console.is_terminal)
    ) as progress:
        bars = Bars(progress)
        yield bars
        bars.end()

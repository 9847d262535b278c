"""Seeds that marketplaces for tests are made of: the demo, the files of the settings' directory, and texts that requests bring along.

A seed is made in a thread with a loop, a connection and services of its own, so that nobody who is served meanwhile waits for it, and one at
a time. It has a minute; what takes longer is `entrepot seed`'s.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from entrepot.app.settings import Settings
from entrepot.features.people.credentials.secrets import SecretBox, new_client_secret
from entrepot.features.people.snapshots import seeds, store
from entrepot.features.people.snapshots.seeds import Seed
from entrepot.kernel.errors import (
    ApiOfflineError,
    NotFoundError,
    RefusedSeedError,
    SeedTooLargeError,
    TooBusyError,
)
from entrepot.kernel.ids import new_id
from entrepot.storage.pool import open_pool

DEMO = "demo"
LONGEST = 60.0
"""Seconds for a seed."""
LARGEST = 32 * 2**20
"""Bytes of a file of the settings' directory."""
MOST_WAITING = 16
"""Seeds of this process that may wait for their turn."""
ENDINGS = (".yml", ".yaml", ".json")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class _StoppedError(Exception):
    """The server stops."""


class _MadeMeanwhileError(Exception):
    """Another process has made the same."""


class _InTime:
    """Progress of a seed that ends it when its time is over, or the server's is."""

    def __init__(self, stopping: threading.Event) -> None:
        self._until = time.monotonic() + LONGEST
        self._stopping = stopping

    def begin(self, task: str, total: int, *, beside: bool = False) -> Callable[[int], None]:
        self._advance(0)
        return self._advance

    def _advance(self, count: int) -> None:
        if self._stopping.is_set():
            raise _StoppedError
        if time.monotonic() > self._until:
            raise SeedTooLargeError


class Originals:
    """Of one process."""

    def __init__(self, settings: Settings, box: SecretBox) -> None:
        self._settings = settings
        self._box = box
        self._turn = asyncio.Semaphore(1)
        self._waiting = 0
        self._stopping = threading.Event()
        self._made: set[asyncio.Task[None]] = set()

    async def named(self, name: str) -> Seed:
        """A file of the settings' directory, else the demo. Raises NotFoundError, RefusedSeedError."""
        file = await asyncio.to_thread(self._file, name)
        if file is not None:
            text = await asyncio.to_thread(_read, file)
            return Seed(file.stem, text, await seeds.digest_of(self._box, text))
        if name.lower() != DEMO:
            raise NotFoundError("Seed", name)
        return await self._demo()

    async def make(self, owner: int, seed: Seed, now: datetime) -> None:
        """As `Seeds.make` has it. Whoever waits for it may go away: it is made all the same, for the next."""
        if self._waiting >= MOST_WAITING:
            raise TooBusyError
        making = asyncio.create_task(self._in_turn(owner, seed, now))
        self._made.add(making)
        making.add_done_callback(self._made.discard)
        await asyncio.shield(making)

    async def stop(self) -> None:
        """No seed is begun any more, and the one that is being made ends."""
        self._stopping.set()
        await asyncio.gather(*self._made, return_exceptions=True)

    async def _in_turn(self, owner: int, seed: Seed, now: datetime) -> None:
        self._waiting += 1
        try:
            async with self._turn:
                await asyncio.to_thread(self._make, owner, seed, now)
        except _StoppedError:
            raise ApiOfflineError from None
        except TimeoutError:
            raise SeedTooLargeError from None
        finally:
            self._waiting -= 1

    def _make(self, owner: int, seed: Seed, now: datetime) -> None:
        # Only now, here and below: it takes what reads files along.
        from entrepot.features.seeding.problems import SeedRefusedError

        with tempfile.NamedTemporaryFile(prefix="entrepot-seed-", suffix=".yml") as file:
            file.write(seed.text)
            file.flush()
            try:
                asyncio.run(self._seed(owner, seed, Path(file.name), now))
            except SeedRefusedError as refused:
                problems = [(each.line, each.path, each.message) for each in refused.problems]
                raise RefusedSeedError(problems) from None

    async def _seed(self, owner: int, seed: Seed, file: Path, now: datetime) -> None:
        from entrepot.app.seeding import seeder
        from entrepot.features.seeding.statistics import analyze

        url, progress = self._settings.database_url, _InTime(self._stopping)
        assert url is not None
        async with (
            asyncio.timeout(LONGEST),
            await open_pool(url, min_size=1, max_size=2, application="entrepot seeds") as pool,
            seeder(self._settings, pool, served=True) as made,
            pool.acquire() as connection,
        ):
            if await connection.fetchval(seeds.IS_THERE, owner, store.SEED, seed.digest, now) is not None:
                return
            marketplace = new_id()
            with suppress(_MadeMeanwhileError):
                async with connection.transaction():
                    seeded = await made.seed(
                        connection, file, marketplace, seed.name, progress=progress, fill=seed.fill
                    )
                    clients = seeded.client_ids
                    if not await seeds.keep(connection, owner, seed, marketplace, clients, now):
                        raise _MadeMeanwhileError
                await analyze(connection, seeded.tables)

    async def _demo(self) -> Seed:
        from entrepot.app.demo.making import FILE, NAME, USERS, Missing

        text, base_url = await asyncio.to_thread(FILE.read_bytes), self._settings.base_url
        digest = await seeds.digest_of(self._box, text, DEMO, base_url)
        told = {name: self._password(digest, name) for name in USERS}
        return Seed(NAME, text, digest, told, Missing(told, new_client_secret(), base_url).fill)

    def _password(self, digest: str, username: str) -> str:
        """The same each time that the seed is named, and nobody's who has not the server's key (AUTH-55)."""
        return f"Demo1-{self._box.digest(f'{digest} {username}', ('seeds', 'password')).hex()[:24]}"

    def _file(self, name: str) -> Path | None:
        directory = self._settings.seeds
        if directory is None or not _NAME.fullmatch(name):
            return None
        return next((each for each in _files(directory) if each.stem == name), None)


def _files(directory: Path) -> Iterable[Path]:
    return sorted(each for each in directory.iterdir() if each.suffix in ENDINGS and each.is_file())


def _read(file: Path) -> bytes:
    if file.stat().st_size > LARGEST:
        raise SeedTooLargeError
    return file.read_bytes()

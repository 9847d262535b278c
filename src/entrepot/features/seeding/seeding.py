"""A seed file becomes a new marketplace: all of it or nothing (SEED-2 to SEED-5)."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import asyncpg

from entrepot.declare.registry import Registry
from entrepot.features.people.oauth import bootstrap
from entrepot.features.people.services import Services
from entrepot.features.seeding.audiences import Audiences
from entrepot.features.seeding.calls import SeedCalls
from entrepot.features.seeding.derived import settle
from entrepot.features.seeding.pace import Pace
from entrepot.features.seeding.placeholders import Placeholders
from entrepot.features.seeding.preparing import Preparation
from entrepot.features.seeding.problems import Problem, Problems, SeedRefusedError, reading_error
from entrepot.features.seeding.reading import Record, SeedFileError, read_records, size_of
from entrepot.features.seeding.statistics import Statistics, analyze
from entrepot.features.seeding.writing import Writer
from entrepot.kernel.clock import Clock, utc_now
from entrepot.kernel.ids import is_id, new_id

Fill = Callable[[Record], Record]
"""Changes a record on its way: the demo's passwords, which stand in no file."""


class Progress(Protocol):
    """Is told how far a seed has come."""

    def begin(self, task: str, total: int) -> None: ...

    def advance(self, count: int) -> None: ...


class Silence:
    """Progress that nobody watches."""

    def begin(self, task: str, total: int) -> None: ...

    def advance(self, count: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Seeded:
    """What a seed has made. client_ids: the file's IDs of API clients, in lower case -> those they have here; tables: those
    that it wrote, for whoever has a transaction of their own around it to analyze them afterwards.
    """

    marketplace: str
    records: Mapping[str, int]
    client_ids: Mapping[str, str]
    tables: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeder:
    """Seeds files into one database. `services` encrypt and hash; their password hasher may be a remembering one."""

    registry: Registry
    services: Services
    base_url: str
    clock: Clock = utc_now
    served: bool = False
    """Whether the process serves requests meanwhile, to which its garbage collector belongs."""

    async def seed(
        self,
        connection: asyncpg.Connection,
        path: Path,
        marketplace: str,
        name: str,
        *,
        progress: Progress | None = None,
        fill: Fill = lambda record: record,
    ) -> Seeded:
        """Make the marketplace, in a transaction of its own or a part of the caller's.

        Raises SeedRefusedError, and then has written nothing.
        """
        if not is_id(marketplace):
            raise SeedRefusedError([Problem(0, "", f"{marketplace} cannot be the ID of a marketplace")])
        progress = progress or Silence()
        problems, placeholders = Problems(path), Placeholders(marketplace)
        calls = SeedCalls(marketplace, self.clock, self.base_url)
        preparation = Preparation(self.registry, calls, placeholders, problems)
        pace = Pace(connection)
        await pace.look()
        with nullcontext() if self.served else no_collection():
            await _prepare(preparation, problems, path, progress, fill)
        alone = not connection.is_in_transaction()
        with nullcontext() if self.served else _frozen():
            async with connection.transaction():
                await pace.begin()
                marketplace_id = await self._marketplace(connection, marketplace, name)
                statistics = Statistics(connection)
                audiences = Audiences(preparation.batches)
                writer = Writer(
                    connection,
                    marketplace_id,
                    self.registry,
                    calls,
                    self.services,
                    problems,
                    statistics,
                    pace,
                    audiences,
                )
                async with citext_by_copy(connection):
                    await self._write(writer, preparation, progress)
                async for _ in settle(connection, marketplace_id):
                    await pace.rest()
                tables = await statistics.finish(followed=alone)
        if alone:
            await analyze(connection, tables)
        records = {name: len(batch) for name, batch in preparation.batches.items() if len(batch)}
        return Seeded(marketplace, records, placeholders.client_ids, tables)

    async def _marketplace(self, connection: asyncpg.Connection, marketplace: str, name: str) -> int:
        try:
            async with connection.transaction():
                return await bootstrap.add_marketplace(connection, marketplace, name, self.clock())
        except asyncpg.UniqueViolationError:
            message = f"there is a marketplace {marketplace} already; a seed makes a new one"
            raise SeedRefusedError([Problem(0, "", message)]) from None

    async def _write(self, writer: Writer, preparation: Preparation, progress: Progress) -> None:
        for name, batch in preparation.batches.items():
            if name == "Variants" and preparation.variants.products:
                progress.begin(name, len(batch) + len(preparation.variants.products))
                await writer.write_variants(preparation.variants, batch, progress.advance)
            elif len(batch):
                progress.begin(name, len(batch))
                await writer.write(batch, progress.advance)
            if name == "SpecOptions":
                await writer.write_defaults(preparation.spec_defaults)


async def check(
    registry: Registry, path: Path, *, progress: Progress | None = None, clock: Clock = utc_now
) -> int:
    """How many records a file has. Raises SeedRefusedError for what can be seen to be wrong without a database."""
    problems, marketplace = Problems(path), new_id()
    calls = SeedCalls(marketplace, clock, "")
    preparation = Preparation(registry, calls, Placeholders(marketplace), problems)
    with no_collection():
        await _prepare(preparation, problems, path, progress or Silence(), lambda record: record)
    return sum(len(batch) for batch in preparation.batches.values())


async def _prepare(
    preparation: Preparation, problems: Problems, path: Path, progress: Progress, fill: Fill
) -> None:
    progress.begin(f"Reading {path.name}", size_of(path))
    try:
        for record in read_records(path, progress.advance, preparation.name):
            await preparation.take(fill(record))
    except SeedFileError as error:
        raise reading_error(error) from None
    preparation.check_references()
    problems.refuse()


@contextmanager
def no_collection() -> Iterator[None]:
    """Without the garbage collector, which would walk through all that is read, again and again, and find nothing."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@contextmanager
def _frozen() -> Iterator[None]:
    """What was read is none of the collector's business, as long as it is being written."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


@asynccontextmanager
async def citext_by_copy(connection: asyncpg.Connection) -> AsyncIterator[None]:
    """COPY is binary; on the wire citext is text."""
    await connection.set_type_codec("citext", encoder=str.encode, decoder=bytes.decode, format="binary")
    try:
        yield
    finally:
        await connection.reset_type_codec("citext")

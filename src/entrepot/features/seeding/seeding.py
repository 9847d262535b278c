"""A seed file becomes a new marketplace: all of it or nothing (SEED-2 to SEED-5)."""

from __future__ import annotations

import gc
from asyncio import Event, create_task, gather
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import asyncpg

from entrepot.declare.registry import Registry
from entrepot.features.people.oauth import bootstrap
from entrepot.features.people.services import Services
from entrepot.features.seeding.audiences import Audiences
from entrepot.features.seeding.calls import SeedCalls
from entrepot.features.seeding.derived import settle
from entrepot.features.seeding.intake import Fill, Intake
from entrepot.features.seeding.own.collections import ENTRIES
from entrepot.features.seeding.pace import Pace
from entrepot.features.seeding.placeholders import Placeholders
from entrepot.features.seeding.preparing import Preparation
from entrepot.features.seeding.problems import MOST, Problem, Problems, SeedRefusedError
from entrepot.features.seeding.reading import size_of
from entrepot.features.seeding.statistics import Statistics, analyze
from entrepot.features.seeding.unknown import Unknown
from entrepot.features.seeding.writing import Advance, Writer
from entrepot.kernel.clock import Clock, utc_now
from entrepot.kernel.ids import is_id, new_id


class Progress(Protocol):
    """Is told how far a seed has come."""

    def begin(self, task: str, total: int, *, beside: bool = False) -> Advance:
        """What is to be told of the task's advance; beside: whether the tasks begun before it go on."""
        ...


class Silence:
    """Progress that nobody watches."""

    def begin(self, task: str, total: int, *, beside: bool = False) -> Advance:
        return lambda _count: None


@dataclass(frozen=True, slots=True)
class Seeded:
    """What a seed has made. client_ids: the file's IDs of API clients, in lower case -> those they have here; tables: those
    that it wrote, for whoever has a transaction of their own around it to analyze them afterwards.
    """

    marketplace: str
    records: Mapping[str, int]
    client_ids: Mapping[str, str]
    tables: tuple[str, ...]
    unknown: Unknown = field(default_factory=Unknown)


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
        most: int = MOST,
    ) -> Seeded:
        """Make the marketplace, in a transaction of its own or a part of the caller's. most: problems that are told of at once.

        Raises SeedRefusedError, and then has written nothing.
        """
        if not is_id(marketplace):
            raise SeedRefusedError([Problem(0, "", f"{marketplace} cannot be the ID of a marketplace")])
        progress = progress or Silence()
        problems, placeholders = Problems(path, most), Placeholders(marketplace)
        calls = SeedCalls(marketplace, self.clock, self.base_url)
        preparation = Preparation(self.registry, calls, placeholders, problems)
        advance = progress.begin(f"Reading {path.name}", size_of(path))
        audiences = Audiences()
        intake = Intake(path, preparation, problems, advance, fill, audiences.note)
        pace, statistics = Pace(connection), Statistics(connection)
        alone = not connection.is_in_transaction()
        with without_collection(served=self.served) as all_is_read:
            # A transaction that has failed takes no statement, not even to reset what is said of a type: it ends first.
            async with citext_by_copy(connection), connection.transaction():
                await pace.begin()
                marketplace_id = await self._marketplace(connection, marketplace, name, intake)
                writer = Writer(
                    connection,
                    marketplace_id,
                    self.registry,
                    calls,
                    self.services,
                    Problems(path, most),
                    statistics,
                    pace,
                    audiences,
                )
                await _beside(
                    intake.all(),
                    self._write_early(
                        writer, preparation, intake.is_read, partial(progress.begin, beside=True)
                    ),
                )
                all_is_read()
                await self._write(writer, preparation, preparation.batches, progress.begin)
                async for _ in settle(connection, marketplace_id):
                    await pace.rest()
                tables = await statistics.finish(followed=alone)
        if alone:
            await analyze(connection, tables)
        records = {name: len(batch) for name, batch in preparation.batches.items() if len(batch)}
        return Seeded(marketplace, records, placeholders.client_ids, tables, preparation.unknown)

    async def _marketplace(
        self, connection: asyncpg.Connection, marketplace: str, name: str, intake: Intake
    ) -> int:
        try:
            async with connection.transaction():
                return await bootstrap.add_marketplace(connection, marketplace, name, self.clock())
        except asyncpg.UniqueViolationError:
            # What is wrong with the objects comes before it.
            await intake.objects()
            message = f"there is a marketplace {marketplace} already; a seed makes a new one"
            raise SeedRefusedError([Problem(0, "", message)]) from None

    async def _write_early(
        self, writer: Writer, preparation: Preparation, is_read: Event, begin: Callable[[str, int], Advance]
    ) -> None:
        """Objects, while the file is read: what needs no others as soon as it is complete, then what comes before products; and products
        while assignments are judged.
        """
        early = tuple(preparation.known_early())
        while (batch := await preparation.complete.get()) is not None:
            if batch.kind.name in early and preparation.stands_alone(batch):
                await self._write(writer, preparation, (batch.kind.name,), begin)
        await self._write(writer, preparation, early, begin)
        await is_read.wait()
        products = preparation.batches.get("Products")
        if products is not None and not (products.pending or products.singles):
            await self._write(writer, preparation, (products.kind.name,), begin)

    async def _write(
        self,
        writer: Writer,
        preparation: Preparation,
        names: Iterable[str],
        begin: Callable[[str, int], Advance],
    ) -> None:
        """What is not yet written of these kinds."""
        for name in names:
            batch = preparation.batches[name]
            if batch.is_written:
                continue
            if name == "Variants" and preparation.variants.products:
                advance = begin(name, len(batch) + len(preparation.variants.products))
                await writer.write_variants(preparation.variants, batch, advance)
            elif len(batch):
                await writer.write(batch, begin(name, len(batch)))
            if name == "SpecOptions":
                await writer.write_defaults(preparation.spec_defaults)
            elif name == "PromotionCodes":
                await writer.write_codes()
            elif name == ENTRIES.name and len(batch):
                await writer.check_entries()


async def check(
    registry: Registry, path: Path, *, progress: Progress | None = None, clock: Clock = utc_now
) -> int:
    """How many records a file has. Raises SeedRefusedError for what can be seen to be wrong without a database."""
    problems, marketplace = Problems(path), new_id()
    calls = SeedCalls(marketplace, clock, "")
    preparation = Preparation(registry, calls, Placeholders(marketplace), problems)
    advance = (progress or Silence()).begin(f"Reading {path.name}", size_of(path))
    intake = Intake(path, preparation, problems, advance)
    with without_collection():
        await intake.all()
    return sum(len(batch) for batch in preparation.batches.values())


async def _beside(reading: Coroutine[Any, Any, None], writing: Coroutine[Any, Any, None]) -> None:
    """Both at the same time. What is wrong with the file is told in place of what the database does not take."""
    task = create_task(writing)
    try:
        await reading
        await task
    finally:
        # The connection is free again before anything is undone.
        task.cancel()
        await gather(task, return_exceptions=True)


@contextmanager
def without_collection(*, served: bool = False) -> Iterator[Callable[[], None]]:
    """Without the garbage collector, which would walk through all that is read, again and again, and find nothing. Once the function
    is called, it looks after what comes then. served: as the seeder has it.
    """
    if served:
        yield lambda: None
        return
    was_enabled = gc.isenabled()
    gc.disable()

    def all_is_read() -> None:
        gc.freeze()
        if was_enabled:
            gc.enable()

    try:
        yield all_is_read
    finally:
        gc.unfreeze()
        if was_enabled:
            gc.enable()


@asynccontextmanager
async def citext_by_copy(connection: asyncpg.Connection) -> AsyncIterator[None]:
    """COPY is binary; on the wire citext is text."""
    await connection.set_type_codec("citext", encoder=str.encode, decoder=bytes.decode, format="binary")
    try:
        yield
    finally:
        await connection.reset_type_codec("citext")

"""Batches into tables, inside one transaction: rows by COPY, the others through the API's own handlers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

import asyncpg
from asyncpg.exceptions import PostgresError

from entrepot.declare.entity import Entity
from entrepot.declare.registry import Registry
from entrepot.engine.statements import upsert
from entrepot.features.catalog.products.resources import PRODUCT
from entrepot.features.people.services import Services
from entrepot.features.seeding.audiences import Audiences
from entrepot.features.seeding.batches import NOTHING, Batch, Pending, Rows, Single
from entrepot.features.seeding.calls import SeedCalls
from entrepot.features.seeding.chunks import chunks
from entrepot.features.seeding.handling import Handling
from entrepot.features.seeding.identities import home
from entrepot.features.seeding.kinds import ANY
from entrepot.features.seeding.own.codes import GENERATE, generate_missing
from entrepot.features.seeding.own.collections import CHECK, refuse_full
from entrepot.features.seeding.pace import BATCH, Pace
from entrepot.features.seeding.problems import Problems
from entrepot.features.seeding.spec_defaults import SpecDefaults
from entrepot.features.seeding.statistics import Statistics
from entrepot.features.seeding.together import ApartError, AskingDatabase, by_parts, run_together
from entrepot.features.seeding.variants import VARIANTS, VariantPlan

Advance = Callable[[int], None]


class Writer:
    """Writes the batches of one marketplace on a connection with an open transaction."""

    def __init__(
        self,
        connection: asyncpg.Connection,
        marketplace_id: int,
        registry: Registry,
        calls: SeedCalls,
        services: Services,
        problems: Problems,
        statistics: Statistics,
        pace: Pace,
        audiences: Audiences,
    ) -> None:
        self._connection = connection
        self._marketplace_id = marketplace_id
        self._entities = registry.entities
        self._generate = registry.operations["Products.GenerateVariants"]
        self._handling = Handling(connection, calls, calls.acting(marketplace_id, services), problems)
        self._problems = problems
        self._statistics = statistics
        self._pace = pace
        self._audiences = audiences
        self._keys: dict[str, dict[str, int]] = {}

    async def write(self, batch: Batch, advance: Advance) -> None:
        """All records of a kind; what it refers to has been written before. Raises SeedRefusedError."""
        self._statistics.begin()
        for group in batch.groups.values():
            await self._copy(batch, group, advance)
        between = partial(self._between, advance)
        for pending in chunks(batch.pending, batch.kind.together, batch.told_apart):
            await self._copy_judged(batch, pending, between)
        for singles in chunks(batch.singles, batch.kind.together, batch.told_apart):
            assert batch.kind.writes is not None
            await self._handling.together(batch.kind.writes, singles, between)
        self._problems.refuse()
        self._keys.pop(batch.kind.table, None)
        batch.is_written = True

    async def write_variants(self, plan: VariantPlan, batch: Batch, advance: Advance) -> None:
        """Generate the variants of the plan's products, and save what the batch says of them."""
        self._statistics.begin()
        products = [
            Single(line, f"Products.{product}", {"productID": product}, None)
            for line, product in plan.products.values()
        ]
        for some in chunks(products, ANY):
            await self._handling.together(self._generate, some, partial(self._between, advance))
        self._problems.refuse()
        ids = [product for _, product in plan.products.values()]
        generated = await self._connection.fetch(VARIANTS, self._marketplace_id, ids)
        batch.singles = plan.address(batch.singles, generated, self._problems)
        await self.write(batch, advance)

    async def write_defaults(self, defaults: SpecDefaults) -> None:
        """The default options of specs, after the options."""
        await defaults.write(self._connection, self._marketplace_id)

    async def write_codes(self) -> None:
        """The codes of promotions that ask for some, and of which the file lists none; after codes."""
        await generate_missing(self._handling.call(GENERATE, self._connection, NOTHING))

    async def check_entries(self) -> None:
        """How many products collections have, after their entries. Raises SeedRefusedError."""
        await refuse_full(self._handling.call(CHECK, self._connection, NOTHING), self._problems)

    async def _between(self, advance: Advance, count: int) -> None:
        """After each batch."""
        await self._statistics.keep_up(count)
        advance(count)
        await self._pace.rest()

    # --- rows -------------------------------------------------------------------------------------------------

    async def _copy(self, batch: Batch, group: Rows, advance: Advance) -> None:
        await self._fill_keys(batch, group.columns, group.rows)
        if batch.kind.table == PRODUCT.table:
            group = await self._audiences.added(self._connection, self._marketplace_id, group)
        columns, rows = _stored(batch, group)
        try:
            for start in range(0, len(rows), BATCH):
                await self._save(batch, columns, rows[start : start + BATCH])
                await self._between(advance, len(rows[start : start + BATCH]))
        except (asyncpg.IntegrityConstraintViolationError, asyncpg.DataError) as error:
            self._refuse(batch, group, error)

    async def _save(self, batch: Batch, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        try:
            await self._copy_rows(batch, columns, rows)
        except asyncpg.UniqueViolationError:
            if not batch.key:
                raise
            # A rule has made such a row already: a buyer's for its default catalog.
            await self._upsert(batch, columns, rows)

    async def _copy_rows(self, batch: Batch, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        marketplace_id = self._marketplace_id
        async with self._connection.transaction():
            await self._connection.copy_records_to_table(
                batch.kind.table,
                columns=("marketplace_id", *columns),
                records=((marketplace_id, *row) for row in rows),
            )

    def _refuse(self, batch: Batch, group: Rows, error: Exception) -> None:
        message = f"the database refuses these records: {error}"
        self._problems.add(group.lines[0], batch.kind.name, message)

    async def _copy_judged(
        self, batch: Batch, chunk: list[Pending], between: Callable[[int], Awaitable[None]]
    ) -> None:
        """Assignments whose hooks ask the database."""
        await self._fill_keys(batch, tuple(chunk[0].row), [pending.row for pending in chunk])
        assignment, operation = batch.kind.assignment, batch.kind.writes
        assert assignment is not None
        assert operation is not None
        hooks = assignment.hooks
        database = AskingDatabase()
        stored = batch.stored
        columns = [name for name in chunk[0].row if name in stored]
        written = 0

        async def judge(some: Sequence[Pending]) -> None:
            nonlocal written
            judged = [(self._handling.call(operation, database, each), None, each.row) for each in some]
            await run_together(self._connection, database, [hooks.check_write(*each) for each in judged])
            rows = [[each.row[name] for name in columns] for each in some]
            async with database.turn:
                await self._save(batch, columns, rows)
            await run_together(self._connection, database, [hooks.after_write(*each) for each in judged])
            async with database.turn:
                written += len(some)
                await between(len(some))

        try:
            async with self._connection.transaction():
                await by_parts(chunk, judge)
        except (ApartError, PostgresError):
            alone = [Single(each.line, each.what, each.path, each.body) for each in chunk]
            await self._handling.apart(operation, alone)
            await between(len(chunk) - written)

    async def _upsert(self, batch: Batch, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """As the API's own save of an assignment: rows of the same thing and party replace each other."""
        await self._connection.executemany(
            upsert(batch.kind.table, tuple(columns), batch.key),
            [(self._marketplace_id, *row) for row in rows],
        )

    # --- keys -------------------------------------------------------------------------------------------------

    async def _fill_keys(self, batch: Batch, columns: Sequence[str], rows: Any) -> None:
        """Put the keys of users, groups and the like in place of the names that `check_references` left."""
        for look in batch.looks:
            if not look.keyed or look.column not in columns:
                continue
            keys = await self._keys_of(look.table)
            place: Any = look.column if isinstance(rows[0], dict) else columns.index(look.column)
            for row in rows:
                if isinstance(row[place], str):
                    row[place] = keys[row[place]]

    async def _keys_of(self, table: str) -> dict[str, int]:
        known = self._keys.get(table)
        if known is None:
            entity: Entity = self._entities[table]
            above = [part for part in (*entity.parents, *entity.owners) if part.key is None]
            owned = "".join(
                f' AND "{owner.stored}" IS NULL' for owner in entity.owners if owner.key is not None
            )
            columns = ", ".join(f'"{part.column}"' for part in above)
            rows = await self._connection.fetch(
                f'SELECT key, "ID", {columns} FROM {table} WHERE marketplace_id = $1{owned}',
                self._marketplace_id,
            )
            known = self._keys[table] = {
                f"{home((part.column, row[part.column]) for part in above)}|{row['ID']}".lower(): row["key"]
                for row in rows
            }
        return known


def _stored(batch: Batch, group: Rows) -> tuple[Sequence[str], Sequence[Sequence[Any]]]:
    """The columns and rows of the table: of rows for the same thing and party the last one counts (ASG-1)."""
    if not batch.key:
        return group.columns, group.rows
    columns = [column for column in group.columns if column in batch.stored]
    rows: Sequence[Sequence[Any]] = group.rows
    if len(columns) < len(group.columns):
        places = [group.columns.index(column) for column in columns]
        rows = [[row[i] for i in places] for row in rows]
    places = [i for i, column in enumerate(columns) if column in batch.key]
    distinct = {tuple(_folded(row[i]) for i in places): row for row in rows}
    return columns, rows if len(distinct) == len(rows) else list(distinct.values())


def _folded(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value

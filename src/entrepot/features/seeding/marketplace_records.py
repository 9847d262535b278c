"""The records of one marketplace, as a seed file has them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial

import asyncpg

from entrepot.declare.registry import Registry
from entrepot.declare.resource import Hooks, Resource
from entrepot.engine.rows import from_row, render, renderer
from entrepot.engine.statements import stored_columns
from entrepot.engine.wire.json import encode, parse
from entrepot.features.people.services import Services
from entrepot.features.seeding.calls import SeedCalls
from entrepot.features.seeding.kinds import Kind
from entrepot.features.seeding.looks import looks_of
from entrepot.features.seeding.records import Values, seed_record
from entrepot.features.seeding.selecting import HELD, select_assignments, select_memberships, select_objects
from entrepot.kernel.clock import Clock, utc_now

FIND_MARKETPLACE = 'SELECT marketplace_id, "ID" FROM marketplaces WHERE lower("ID") = lower($1)'
PREFETCH = 1_000


class NoMarketplaceError(Exception):
    """There is no marketplace of this ID."""

    def __init__(self, marketplace: str) -> None:
        super().__init__(f"there is no marketplace {marketplace}")


@dataclass(frozen=True, slots=True)
class Reader:
    """The records of one marketplace, each kind in the order of its parents and IDs. opens: whether secrets are shown."""

    connection: asyncpg.Connection
    registry: Registry
    services: Services
    marketplace_id: int
    marketplace: str
    clock: Clock = utc_now
    opens: bool = False

    async def records(self, kind: Kind) -> AsyncIterator[Values]:
        if kind.section == "Objects":
            assert kind.resource is not None
            sql, make = select_objects(kind.resource, kind.where), self._objects(kind)
        elif kind.plain is not None:
            sql, make = kind.plain.select, partial(self._assignment, kind)
        elif kind.assignment is not None:
            sql = select_assignments(kind, kind.assignment, looks_of(kind, self.registry))
            make = partial(self._assignment, kind)
        else:
            sql, make = select_memberships(kind), partial(self._assignment, kind)
        async for row in self.connection.cursor(sql, self.marketplace_id, prefetch=PREFETCH):
            yield make(row)

    def _objects(self, kind: Kind) -> Callable[[asyncpg.Record], Values]:
        """What makes records of rows."""
        assert kind.resource is not None
        assert kind.writes is not None
        resource, entity = kind.resource, kind.resource.entity
        stored = [(name, f"{HELD}{name}") for name in stored_columns(entity)]
        above = tuple(within.column for within in resource.within)
        is_written = type(resource.hooks).written is not Hooks.written
        calls = SeedCalls(self.marketplace, self.clock, "")
        acting = calls.acting(self.marketplace_id, self.services)
        call = calls.on(self.connection, acting, kind.writes, {}, None)

        def make(row: asyncpg.Record) -> Values:
            held = from_row(entity, {name: row[selected] for name, selected in stored})
            item = plain(render(call, resource, row))
            if is_written:
                item |= _as_written(resource, held)
            if held.get("written_quantity") is not None and item.get("Inventory"):
                # IRC-3: the quantity on show is the sum of records, which are written anew.
                item["Inventory"]["QuantityAvailable"] = held["written_quantity"]
            named = {name: held[name] for name in above}
            if kind.id_name not in item:
                named[kind.id_name] = held[entity.id_column]
            return seed_record(kind, {**named, **item}, above, self.marketplace, opens=self.opens)

        return make

    def _assignment(self, kind: Kind, row: asyncpg.Record) -> Values:
        item = {**dict(row), **_known(plain(renderer(kind.model).render(row)), row)}
        known = () if kind.plain is None else kind.model.__columns__
        names = tuple(name for name in row.keys() if name not in known)  # noqa: SIM118 - a row iterates over its values
        return seed_record(kind, item, names, self.marketplace, opens=self.opens)


def _as_written(resource: Resource, held: Values) -> Values:
    """The stored properties as they were written: a child's own, not what it shows (PRD-6)."""
    model = resource.entity.model
    shown = plain(renderer(model).render(resource.hooks.written(held)))
    return {column.name: shown[column.name] for column in model.__columns__.values() if column.stored}


def plain(item: Values) -> Values:
    """A wire object as plain values."""
    values: Values = parse(encode(item))
    return values


def _known(item: Values, row: asyncpg.Record) -> Values:
    """What a row has of a model's properties."""
    names = set(row.keys())
    return {name: value for name, value in item.items() if name in names}

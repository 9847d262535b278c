"""What the records of a kind refer to, from its declarations."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from entrepot.declare.assignment import Assignment
from entrepot.declare.entity import Entity
from entrepot.declare.registry import Registry
from entrepot.declare.resource import Resource
from entrepot.declare.wire import Column
from entrepot.engine.references import PARTY_TABLES
from entrepot.features.seeding.batches import Look
from entrepot.features.seeding.kinds import Kind

_MEMBER_COLUMNS = (("group_key", "UserGroupID", "user_groups"), ("user_key", "UserID", "users"))
_COMPANIES = ("BuyerID", "SupplierID")


@lru_cache(maxsize=1024)
def looks_of(kind: Kind, registry: Registry) -> tuple[Look, ...]:
    """The columns of the kind's rows that hold IDs or keys of other objects, parents first."""
    return tuple(_Looks(registry).of(kind))


class _Looks:
    def __init__(self, registry: Registry) -> None:
        self._entities = registry.entities

    def of(self, kind: Kind) -> Iterator[Look]:
        if kind.is_membership:
            yield from self._parents(kind)
            companies = tuple(within.column for within in kind.within)
            for column, shown, table in _MEMBER_COLUMNS:
                yield Look(column, shown, table, self._type(table), companies, keyed=True)
        elif kind.plain is not None:
            for named in kind.plain.names:
                yield Look(named.name, named.name, named.table, self._type(named.table), named.home)
        elif kind.assignment is not None:
            yield from self._of_assignment(kind, kind.assignment)
        elif kind.resource is not None:
            yield from self._of_resource(kind, kind.resource)

    def _of_resource(self, kind: Kind, resource: Resource) -> Iterator[Look]:
        yield from self._parents(kind)
        columns = resource.entity.model.__columns__.values()
        yield from self._references(column for column in columns if column.writable)

    def _of_assignment(self, kind: Kind, assignment: Assignment) -> Iterator[Look]:
        yield from self._parents(kind)
        above = tuple(within.column for within in kind.within)
        known = set(above)
        for thing in assignment.things:
            if thing.stored in known:
                continue
            known.add(thing.stored)
            home = () if thing.column in assignment.anywhere else above
            yield Look(
                thing.stored,
                thing.column,
                thing.table,
                self._type(thing.table),
                home,
                keyed=thing.key is not None,
            )
        companies = tuple(column for column in _COMPANIES if column in assignment.party_columns)
        for party in assignment.party_columns:
            if party in known:
                continue
            match party:
                case "user_key":
                    yield Look(party, "UserID", "users", "User", companies, keyed=True)
                case "group_key":
                    yield Look(party, "UserGroupID", "user_groups", "UserGroup", companies, keyed=True)
                case _:
                    yield Look(party, party, PARTY_TABLES[party], party.removesuffix("ID"))
        yield from self._references(assignment.settings)

    def _parents(self, kind: Kind) -> Iterator[Look]:
        above: tuple[str, ...] = ()
        for within in kind.within:
            entity = within.resource.entity
            yield Look(within.column, within.column, entity.table, entity.object_type, above)
            above = (*above, within.column)

    def _references(self, columns: Iterator[Column] | tuple[Column, ...]) -> Iterator[Look]:
        for column in columns:
            reference = column.references
            if reference is not None and column.stored:
                entity: Entity = self._entities[reference.table]
                home = tuple(parent.column for parent in entity.parents)
                owner = reference.on_delete == "hand_over" or column.name == "SellerID"
                yield Look(column.name, column.name, entity.table, entity.object_type, home, owner=owner)

    def _type(self, table: str) -> str:
        return self._entities[table].object_type

"""References between objects: that they exist, that a rename carries them along, that a delete clears them.

Foreign keys are NO ACTION or ON DELETE CASCADE; what ON UPDATE CASCADE and SET NULL would do is one statement of
modifying CTEs here, whose checks run at its end (citus.md 3).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from entrepot.declare.entity import Entity, Parent
from entrepot.declare.named import Named
from entrepot.declare.registry import Registry
from entrepot.declare.synced import Thing
from entrepot.declare.wire import OnDelete, Reference
from entrepot.engine.call import Call
from entrepot.engine.following import Change, changes_of, update
from entrepot.engine.recording import TOLD_ROWS, Recording
from entrepot.engine.syncing import Syncing
from entrepot.kernel.errors import IdExistsError, NotFoundError
from entrepot.kernel.sql import Sql
from entrepot.kernel.user_types import UserType

PARTY_TABLES = {"BuyerID": "buyers", "SupplierID": "suppliers", "BuyerGroupID": "buyer_groups"}
SELLER = '(SELECT mp."ID" FROM marketplaces mp WHERE mp.marketplace_id = :marketplace_id)'

PLACES = ("place", "place_2")
"""What a rename's statement takes after the IDs: the key of the thing, or the IDs of its parents."""
_WRITING_ARM = re.compile(r"(\w+) AS \((?:UPDATE|DELETE FROM) (\w+)")


@dataclass(frozen=True, slots=True)
class Referrer:
    """A column elsewhere, or in the table itself, that holds the ID of an object.

    An object that lives under another one (a category in its catalog) is referred to together with its parents' IDs, in
    columns of the same names; so the column of a parent's ID is a reference to the parent, too.
    """

    table: str
    column: str
    on_delete: OnDelete


@dataclass(slots=True)
class ReferenceGraph:
    """Who refers to whom by ID. Built once from the registry."""

    syncing: Syncing
    """What of that which is synchronized renames and deletions name."""
    referrers: dict[str, list[Referrer]] = field(default_factory=lambda: defaultdict(list))
    namings: dict[str, list[tuple[str, Named]]] = field(default_factory=lambda: defaultdict(list))
    """By the table of the named: who names it without a key, table by table."""
    hidden: dict[UserType, set[str]] = field(default_factory=lambda: defaultdict(set))
    """By kind of caller: tables of which it sees nothing."""
    keyed: set[str] = field(default_factory=set)
    """Tables whose rows have a surrogate key, which others refer to."""
    object_types: dict[str, str] = field(default_factory=dict)
    parents: dict[str, tuple[Parent, ...]] = field(default_factory=dict)
    """Of tables whose rows are referred to by ID, those that are part of the key."""

    @classmethod
    def of(cls, registry: Registry) -> ReferenceGraph:
        graph = cls(syncing=Syncing(registry))
        graph.parents = {
            entity.table: tuple(parent for parent in entity.parents if parent.key is None)
            for entity in registry.entities.values()
            if not entity.keyed
        }
        for entity in registry.entities.values():
            graph.object_types[entity.table] = entity.object_type
            if entity.keyed:
                graph.keyed.add(entity.table)
            for named in entity.names:
                graph.namings[named.table].append((entity.table, named))
            for part in (*entity.parents, *entity.owners):
                if part.key is None:
                    graph._add(part.table, entity.table, part.column, "cascade")
            for owner in entity.owners if entity.totals else ():
                graph._add(owner.table, entity.totals_table, owner.column, "cascade")
            for column in entity.model.__columns__.values():
                if column.references is not None and column.stored:
                    graph._add(
                        column.references.table, entity.table, column.name, column.references.on_delete
                    )
            for stored in entity.stored:
                if stored.references is not None and not registry.entities[stored.references].keyed:
                    graph._add(stored.references, entity.table, stored.name, stored.on_delete)
        resources = registry.resources.values()
        for caller in UserType:
            seen = {each.entity.table for each in resources if each.access.of(caller)}
            graph.hidden[caller] = {each.entity.table for each in resources} - seen
        for assignment in registry.assignments.values():
            for thing in assignment.things:
                if thing.key is None:
                    graph._add(thing.table, assignment.table, thing.column, "cascade")
            for kind in assignment.kinds:
                if kind != "Seller":
                    graph._add(PARTY_TABLES[f"{kind}ID"], assignment.table, f"{kind}ID", "cascade")
            for column in assignment.settings:
                if column.references is not None:
                    graph._add(
                        column.references.table, assignment.table, column.name, column.references.on_delete
                    )
        graph._add("api_clients", "refresh_tokens", "ApiClientID", "cascade")
        graph._add("api_clients", "user_codes", "ApiClientID", "cascade")
        return graph

    def _add(self, target: str, table: str, column: str, on_delete: OnDelete) -> None:
        for parent in self.parents.get(target, ()):
            self._add(parent.table, table, parent.column, "cascade")
        referrer = Referrer(table, column, on_delete)
        if referrer not in self.referrers[target]:
            self.referrers[target].append(referrer)

    def rename_statement(self, table: str, id_column: str, wanted: frozenset[Thing] = frozenset()) -> str:
        """It takes the marketplace, the old ID, the new one, then the parents' IDs, or its key where it has one. One UPDATE
        for each table, its own included. wanted: what is to be named of that which is synchronized.
        """
        namings = self.namings.get(table, [])
        naming = {each for each, _ in namings}
        columns = ("key",) if table in self.keyed else self.parent_columns(table)
        places = PLACES[: len(columns)]
        home = _home(columns, places)
        itself = Referrer(table, id_column, "cascade")
        referrers = [itself, *(() if table in self.keyed else self.referrers[table])]
        arms = _arms("c", [each for each in referrers if each.table not in naming], ":old", ":new", home)
        if namings:
            arms.insert(
                0,
                f'x AS (SELECT * FROM {table} WHERE marketplace_id = :marketplace_id{home} AND "{id_column}" = :old)',
            )
        for i, each in enumerate(sorted(naming)):
            of_row = _home(columns, places, "t.")
            changes = [_change(referrer, of_row) for referrer in referrers if referrer.table == each]
            changes += [change for where, named in namings if where == each for change in changes_of(named)]
            arms.append(update(f"n{i}", each, changes))
        return self._telling(arms, wanted).bound("marketplace_id", "old", "new", *places)

    def _telling(self, arms: list[str], wanted: frozenset[Thing]) -> Sql:
        written = wrote(arms)
        if wanted:
            arms, named = self.syncing.told(arms, wanted)
            written = ", ".join((written, *named))
        return Sql(f"WITH {', '.join(arms)} SELECT {written}")

    def outliving(self, table: str) -> Iterator[tuple[str, str]]:
        """Tables and columns that hold IDs of this table's objects when these are gone."""
        for referrer in self.referrers.get(table, ()):
            if referrer.on_delete in ("follow", "hand_over"):
                yield referrer.table, referrer.column
        for naming, named in self.namings.get(table, ()):
            if named.alone and not named.part:
                yield naming, named.column

    def still_named_statement(self, table: str) -> str | None:
        """$1 marketplace, $2 ID: whether anything that outlives objects of this table names one by this ID. None where
        nothing does.
        """
        columns = tuple(self.outliving(table))
        if not columns:
            return None
        named_by = " OR ".join(
            f'EXISTS (SELECT 1 FROM {each} WHERE marketplace_id = $1 AND "{column}" = $2::citext)'
            for each, column in columns
        )
        return f"SELECT {named_by}"

    def delete_statement(
        self, entity: Entity, where: Sql, place: tuple[str, ...], wanted: frozenset[Thing] = frozenset()
    ) -> str:
        """The DELETE of one row `t`, together with the references that it clears or hands over to the seller.

        place: the parameters of `where`: the marketplace, what is above the row, its ID. wanted: as of a rename.
        """
        above = self.parent_columns(entity.table)
        home, object_id = _home(above, place[1 : len(above) + 1]), f":{place[-1]}"
        cleared, handed_over = (
            [referrer for referrer in self.referrers[entity.table] if referrer.on_delete == how]
            for how in ("clear", "hand_over")
        )
        arms = [
            *_arms("c", cleared, object_id, "NULL", home),
            *_arms("h", handed_over, object_id, SELLER, ""),
            f"d AS (DELETE FROM {entity.table} t WHERE {where} RETURNING 1)",
        ]
        return self._telling(arms, wanted).bound(*place)

    def parent_columns(self, table: str) -> tuple[str, ...]:
        """The columns that a reference to a row of this table needs beside its ID."""
        return tuple(parent.column for parent in self.parents.get(table, ()))

    def has_referrers(self, table: str) -> bool:
        """Whether a rename in this table must be followed elsewhere."""
        return bool(self.referrers.get(table) or self.namings.get(table))


def _home(columns: Sequence[str], places: Sequence[str], row: str = "") -> str:
    """The condition that a row refers to an object under certain parents, or of a certain key."""
    return "".join(f' AND {row}"{column}" = :{place}' for column, place in zip(columns, places, strict=True))


def _change(referrer: Referrer, home: str) -> Change:
    """A reference in a table that also names the thing without one."""
    found = f't."{referrer.column}" = :old'
    return Change(referrer.column, ":new", found + home, found)


def wrote(arms: Iterable[str]) -> str:
    """The select list that tells the unit how many rows of each table the arms have written."""
    by_table: dict[str, list[str]] = defaultdict(list)
    for arm in arms:
        match = _WRITING_ARM.match(arm)
        if match is not None:
            by_table[match[2]].append(match[1])
    return ", ".join(
        f"{' + '.join(f'(SELECT count(*) FROM {each})' for each in names)} AS {TOLD_ROWS}{table}"
        for table, names in by_table.items()
    )


def _arms(prefix: str, referrers: list[Referrer], old: str, new: str, home: str) -> list[str]:
    """One UPDATE per table: a statement changes a row only once, however many of its columns refer to `old`."""
    by_table: dict[str, list[str]] = defaultdict(list)
    for referrer in referrers:
        by_table[referrer.table].append(referrer.column)
    arms = []
    for i, (table, columns) in enumerate(by_table.items()):
        holds = " OR ".join(f'"{column}" = {old}' for column in columns)
        changes = _replaced(columns, old, new)
        arms.append(
            f"{prefix}{i} AS (UPDATE {table} SET {changes}"
            f" WHERE marketplace_id = :marketplace_id{home} AND ({holds}) RETURNING 1)"
        )
    return arms


def _replaced(columns: list[str], old: str, new: str) -> str:
    if len(columns) == 1:
        return f'"{columns[0]}" = {new}'
    return ", ".join(f'"{c}" = CASE WHEN "{c}" = {old} THEN {new} ELSE "{c}" END' for c in columns)


@lru_cache(maxsize=1024)
def _stored_ids(targets: tuple[tuple[str, tuple[str, ...]], ...]) -> str:
    """For each table with the columns of its rows' parents; it takes, for each, those of the parents, then the ID."""
    columns, names = [], ["marketplace_id"]
    for number, (table, above) in enumerate(targets):
        places = [f"place_{number}_{depth}" for depth in range(len(above))]
        names += [*places, f"id_{number}"]
        columns.append(
            f'(SELECT "ID" FROM {table} WHERE marketplace_id = :marketplace_id{_home(above, places)} AND "ID" = :id_{number})'
        )
    return Sql(f"SELECT {', '.join(columns)}").bound(*names)


def references_of(call: Call) -> ReferenceGraph:
    """Those of the registry whose operation is called."""
    graph: ReferenceGraph = call.services.references
    return graph


async def check_references(
    call: Call, entity: Entity, values: dict[str, Any], old: dict[str, Any] | None
) -> None:
    """404, or the reference's own refusal, for the first one in `values` that is new and names nothing in the
    marketplace (CONV-9, CONV-10).

    The others are spelled as the objects they name (ID-4).
    """
    graph = references_of(call)
    wanted = [
        (column.name, column.references, values[column.name])
        for column in entity.model.__columns__.values()
        if column.references is not None
        and column.stored
        and not column.read_only
        and values.get(column.name)
        and (old is None or old.get(column.name) != values[column.name])
        and not _names_owner(call, column.references, values[column.name])
        # What others say of things that the marketplace owner alone knows counts for nothing.
        and column.references.table not in graph.hidden[call.principal.user_type]
    ]
    if not wanted:
        return
    targets = tuple((reference.table, graph.parent_columns(reference.table)) for _, reference, _ in wanted)
    row = await call.db.fetchrow(
        _stored_ids(targets),
        call.marketplace_id,
        *(
            argument
            for (_, above), (_, _, value) in zip(targets, wanted, strict=True)
            for argument in (*(values[column] for column in above), value)
        ),
    )
    for (name, reference, value), stored in zip(wanted, row or (), strict=True):
        if stored is None and reference.missing is not None:
            raise reference.missing({"Property": name, "Value": value})
        if stored is None:
            raise NotFoundError(graph.object_types[reference.table], value)
        values[name] = stored


def _names_owner(call: Call, reference: Reference, value: str) -> bool:
    """Whether this is an owner beyond doubt: the seller, or whatever a supplier writes, who owns what it makes (ORG-3)."""
    if reference.on_delete != "hand_over":
        return False
    return call.principal.supplier_id is not None or value.lower() == call.principal.marketplace.lower()


async def refuse_named(call: Call, entity: Entity, object_id: str) -> None:
    """409 for an ID that was somebody's and by which orders and other rows still know it: whoever had it next would pass for
    that one. One statement.
    """
    sql = references_of(call).still_named_statement(entity.table)
    if sql is not None and await call.db.fetchval(sql, call.marketplace_id, object_id):
        raise IdExistsError(entity.object_type, object_id)


async def rename(call: Call, entity: Entity, old: str, new: str, place: tuple[str | int, ...]) -> None:
    """Give the row of a surrogate key, or under its parents, a new ID, everywhere.

    The row lock keeps new references to the old ID out (citus.md 3).
    """
    graph = references_of(call)
    columns = ("key",) if entity.keyed else graph.parent_columns(entity.table)
    home = "".join(f' AND "{column}" = ${i}' for i, column in enumerate(columns, 3))
    await call.db.execute(
        f'SELECT 1 FROM {entity.table} WHERE marketplace_id = $1 AND "{entity.id_column}" = $2{home} FOR UPDATE',
        call.marketplace_id,
        old,
        *place,
    )
    sql = graph.rename_statement(entity.table, entity.id_column, call.wanted)
    await call.db.fetchrow(sql, call.marketplace_id, old, new, *place)


def note_renamed(call: Call, entity: Entity, old: Mapping[str, Any], new: str) -> None:
    """Tell those who synchronize the entity that nothing is known any more by the ID that a row had."""
    if old[entity.id_column].lower() != new.lower() and isinstance(call.connection, Recording):
        call.connection.renamed(entity, old)

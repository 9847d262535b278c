"""References between objects: that they exist, that a rename carries them along, that a delete clears them.

Foreign keys are NO ACTION or ON DELETE CASCADE; what ON UPDATE CASCADE and SET NULL would do is one statement of
modifying CTEs here, whose checks run at its end (citus.md 3).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from entrepot.declare.entity import Entity
from entrepot.declare.registry import Registry
from entrepot.declare.wire import OnDelete, Reference
from entrepot.engine.call import Call
from entrepot.kernel.errors import NotFoundError

PARTY_TABLES = {"BuyerID": "buyers", "SupplierID": "suppliers"}
SELLER = '(SELECT mp."ID" FROM marketplaces mp WHERE mp.marketplace_id = $1)'


@dataclass(frozen=True, slots=True)
class Referrer:
    """A column elsewhere that holds the ID of an object."""

    table: str
    column: str
    on_delete: OnDelete


@dataclass(slots=True)
class ReferenceGraph:
    """Who refers to whom by ID. Built once from the registry."""

    referrers: dict[str, list[Referrer]] = field(default_factory=lambda: defaultdict(list))
    object_types: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, registry: Registry) -> ReferenceGraph:
        graph = cls()
        for entity in registry.entities.values():
            graph.object_types[entity.table] = entity.object_type
            for part in (*entity.parents, *entity.owners):
                graph._add(part.table, entity.table, part.column, "cascade")
            for column in entity.model.__columns__.values():
                if column.references is not None and column.stored:
                    graph._add(
                        column.references.table, entity.table, column.name, column.references.on_delete
                    )
            for stored in entity.stored:
                if stored.references is not None and not registry.entities[stored.references].keyed:
                    graph._add(stored.references, entity.table, stored.name, stored.on_delete)
        for assignment in registry.assignments.values():
            for thing in assignment.things:
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
        self.referrers[target].append(Referrer(table, column, on_delete))

    def rename_statement(self, table: str, id_column: str) -> str:
        """$1 marketplace, $2 old ID, $3 new ID. Referrers in one table share one UPDATE."""
        arms = [
            f'p AS (UPDATE {table} SET "{id_column}" = $3 WHERE marketplace_id = $1 AND "{id_column}" = $2 RETURNING 1)',
            *_arms("c", self.referrers[table], "$2", "$3"),
        ]
        return f"WITH {', '.join(arms)} SELECT count(*) FROM p"

    def delete_statement(self, entity: Entity, where: str, id_placeholder: str) -> str:
        """The DELETE of one row, together with the references that it clears or hands over to the seller."""
        cleared, handed_over = (
            [referrer for referrer in self.referrers[entity.table] if referrer.on_delete == wanted]
            for wanted in ("clear", "hand_over")
        )
        arms = [
            *_arms("c", cleared, id_placeholder, "NULL"),
            *_arms("h", handed_over, id_placeholder, SELLER),
            f"d AS (DELETE FROM {entity.table} t WHERE {where} RETURNING 1)",
        ]
        return f"WITH {', '.join(arms)} SELECT count(*) FROM d"

    def has_referrers(self, table: str) -> bool:
        """Whether a rename in this table must be followed elsewhere."""
        return bool(self.referrers.get(table))


def _arms(prefix: str, referrers: list[Referrer], old: str, new: str) -> list[str]:
    """One UPDATE per table: a statement changes a row only once, however many of its columns refer to `old`."""
    by_table: dict[str, list[str]] = defaultdict(list)
    for referrer in referrers:
        by_table[referrer.table].append(referrer.column)
    arms = []
    for i, (table, columns) in enumerate(by_table.items()):
        holds = " OR ".join(f'"{column}" = {old}' for column in columns)
        changes = _replaced(columns, old, new)
        arms.append(f"{prefix}{i} AS (UPDATE {table} SET {changes} WHERE marketplace_id = $1 AND ({holds}))")
    return arms


def _replaced(columns: list[str], old: str, new: str) -> str:
    if len(columns) == 1:
        return f'"{columns[0]}" = {new}'
    return ", ".join(f'"{c}" = CASE WHEN "{c}" = {old} THEN {new} ELSE "{c}" END' for c in columns)


@lru_cache(maxsize=1024)
def _stored_ids(tables: tuple[str, ...]) -> str:
    columns = ", ".join(
        f'(SELECT "ID" FROM {table} WHERE marketplace_id = $1 AND "ID" = ${i + 2})'
        for i, table in enumerate(tables)
    )
    return f"SELECT {columns}"


async def check_references(
    call: Call, graph: ReferenceGraph, entity: Entity, values: dict[str, Any], old: dict[str, Any] | None
) -> None:
    """404 for the first reference in `values` that is new and names nothing in the marketplace (CONV-9, CONV-10).

    The others are spelled as the objects they name (ID-4).
    """
    wanted = [
        (column.name, column.references.table, values[column.name])
        for column in entity.model.__columns__.values()
        if column.references is not None
        and column.stored
        and not column.read_only
        and values.get(column.name)
        and (old is None or old.get(column.name) != values[column.name])
        and not _names_seller(call, column.references, values[column.name])
    ]
    if not wanted:
        return
    row = await call.db.fetchrow(
        _stored_ids(tuple(table for _, table, _ in wanted)),
        call.marketplace_id,
        *(value for _, _, value in wanted),
    )
    for (name, table, value), stored in zip(wanted, row or (), strict=True):
        if stored is None:
            raise NotFoundError(graph.object_types[table], value)
        values[name] = stored


def _names_seller(call: Call, reference: Reference, value: str) -> bool:
    return reference.on_delete == "hand_over" and value.lower() == call.principal.marketplace.lower()


async def rename(call: Call, graph: ReferenceGraph, entity: Entity, old: str, new: str) -> None:
    """Give the row a new ID, everywhere. The row lock keeps new references to the old ID out (citus.md 3)."""
    await call.db.execute(
        f'SELECT 1 FROM {entity.table} WHERE marketplace_id = $1 AND "{entity.id_column}" = $2 FOR UPDATE',
        call.marketplace_id,
        old,
    )
    await call.db.execute(
        graph.rename_statement(entity.table, entity.id_column), call.marketplace_id, old, new
    )

"""The SQL of the uniform verbs, written once per resource when the registry is built."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from entrepot.declare.entity import Entity
from entrepot.declare.resource import Resource
from entrepot.declare.wire import Column
from entrepot.engine import sight
from entrepot.kernel.user_types import UserType
from entrepot.storage.listing.prewritten import PREWRITTEN, row_text

EPOCH = "_epoch"
"""The security epoch, beside the columns of a row."""


def quoted(name: str) -> str:
    """A column name as SQL: wire names are mixed-case."""
    return f'"{name}"'


def texts(values: Iterable[enum.StrEnum]) -> str:
    """Members of an enumeration as constants of SQL, in one order: `"Status" IN ({texts(UNDER_WAY)})`."""
    return ", ".join(f"'{value}'" for value in sorted(values))


def projection(properties: Iterable[Column], shows: tuple[str, ...] = ()) -> str:
    """The select list of properties over alias `t`, computed ones included. $1 is the marketplace."""
    columns = [
        f'({column.computed.replace("{m}", "$1")}) AS "{column.name}"'
        if column.computed is not None
        else f't."{column.name}"'
        for column in properties
        if column.stored or column.computed is not None
    ]
    return ", ".join([*columns, *(f't."{name}"' for name in shows)])


def confirming(table: str, columns: str, where: str) -> str:
    """The SELECT of the row `t` for which `where` holds, beside the security epoch that confirms the caller; `_found` is
    null where there is none. $1 is the marketplace.
    """
    return (
        f"SELECT s.epoch AS _epoch, t.marketplace_id AS _found, {columns} FROM security_epochs s "
        f"LEFT JOIN {table} t ON {where} WHERE s.marketplace_id = $1"
    )


@lru_cache(maxsize=1024)
def stored_columns(entity: Entity) -> tuple[str, ...]:
    """Every column that a row is written with: keys, properties, stored columns."""
    names = dict.fromkeys(part.stored for part in (*entity.parents, *entity.owners))
    names.update(dict.fromkeys(c.name for c in entity.model.__columns__.values() if c.stored))
    names.update(dict.fromkeys(s.name for s in entity.stored))
    return tuple(names)


def scope(resource: Resource, first: int) -> tuple[str, tuple[str, ...]]:
    """The condition that keeps a statement within the path's parents, and the parameters it takes.

    `first` is the number of its first placeholder. Owner columns that the path does not name must be null: the
    seller's users are the rows without buyer and supplier.
    """
    conditions = [f't."{within.column}" = ${first + i}' for i, within in enumerate(resource.within)]
    named = {within.column for within in resource.within}
    conditions += [f't."{o.stored}" IS NULL' for o in resource.entity.owners if o.column not in named]
    text = "".join(f" AND {condition}" for condition in conditions)
    return text, tuple(within.parameter for within in resource.within)


@dataclass(frozen=True, slots=True)
class Statements:
    """The fixed statements of one resource. $1 is the marketplace, then the path's parents, then the ID.

    For callers that do not see everything `get` and `lock` find what they see, and take last what sight.facts_needed names.
    """

    get: str
    """One row, or its text where rows keep it, with the marketplace's security epoch; null where there is none."""
    read: str
    lock: str
    """Without computed properties, with stored columns and the security epoch, FOR NO KEY UPDATE; no row where there is none."""
    where: str
    """The condition on the row `t`."""
    written: str
    """The select list of `read`, for the statement that updates the row to give as well; "" where something of it is read from
    rows of the same table, since no statement sees what it writes.
    """


@lru_cache(maxsize=1024)
def statements(resource: Resource, kind: UserType | None = None) -> Statements:
    """The statements for callers of a kind; None for those that see everything."""
    entity = resource.entity
    condition, parameters = scope(resource, 2)
    id_placeholder = f"${len(parameters) + 2}"
    where = f't.marketplace_id = $1{condition} AND t."{entity.id_column}" = {id_placeholder}'
    seen = where
    if kind is not None:
        places = {parameter: f"${i + 2}" for i, parameter in enumerate(parameters)}
        facts = sight.numbered(sight.facts_needed(resource, kind), len(parameters) + 3)
        visible = sight.condition(resource, kind, marketplace="$1", facts=facts, place=places.__getitem__)
        seen = f"{where} AND {visible}"
    columns = shown = projection(resource.columns, resource.hooks.shows)
    if resource.prewritten is not None:
        text = row_text(resource.prewritten.own).replace("{m}", "$1")
        shown = ", ".join((f"{text} AS {PREWRITTEN}", *(f't."{name}"' for name in resource.hooks.shows)))
    own = ", ".join(f't."{name}"' for name in (*(("key",) if entity.keyed else ()), *stored_columns(entity)))
    return Statements(
        get=confirming(entity.table, shown, seen),
        read=f"SELECT {columns} FROM {entity.table} t WHERE {where}",
        lock=f"SELECT s.epoch AS {EPOCH}, {own} FROM security_epochs s JOIN {entity.table} t ON {seen} "
        "WHERE s.marketplace_id = $1 FOR NO KEY UPDATE OF t",
        where=where,
        written="" if re.search(rf"\b{entity.table}\b", columns) else columns,
    )


@lru_cache(maxsize=4096)
def insert(table: str, columns: tuple[str, ...]) -> str:
    """INSERT of one row; $1 is the marketplace, then `columns` in order."""
    names = ", ".join(quoted(name) for name in columns)
    values = ", ".join(f"${i + 2}" for i in range(len(columns)))
    return f"INSERT INTO {table} (marketplace_id, {names}) VALUES ($1, {values})"


@lru_cache(maxsize=1024)
def upsert(table: str, columns: tuple[str, ...], key: frozenset[str]) -> str:
    """INSERT of one row as `insert`, which overwrites the columns beyond `key` of the row that has the same key."""
    target = ", ".join(quoted(name) for name in columns if name in key)
    changes = ", ".join(f"{quoted(name)} = EXCLUDED.{quoted(name)}" for name in columns if name not in key)
    action = f"DO UPDATE SET {changes}" if changes else "DO NOTHING"
    return f"{insert(table, columns)} ON CONFLICT (marketplace_id, {target}) {action}"


@lru_cache(maxsize=4096)
def update(resource: Resource, columns: tuple[str, ...]) -> str:
    """UPDATE of one row; $1 the marketplace, the path's parents, the ID, then `columns` in order."""
    entity = resource.entity
    condition, parameters = scope(resource, 2)
    first = len(parameters) + 3
    assignments = ", ".join(f"{quoted(name)} = ${first + i}" for i, name in enumerate(columns))
    return (
        f"UPDATE {entity.table} t SET {assignments} "
        f'WHERE t.marketplace_id = $1{condition} AND t."{entity.id_column}" = ${first - 1}'
    )


@lru_cache(maxsize=4096)
def update_and_read(resource: Resource, columns: tuple[str, ...]) -> str:
    """The same, and the row as `read` has it; "" where one statement cannot do both (Statements.written)."""
    shown = statements(resource).written
    return (
        shown and f"WITH written AS ({update(resource, columns)} RETURNING t.*) SELECT {shown} FROM written t"
    )

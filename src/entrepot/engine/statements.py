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
from entrepot.kernel.sql import Sql
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


def projection(properties: Iterable[Column], shows: tuple[str, ...] = ()) -> Sql:
    """The select list of properties over alias `t`, computed ones included."""
    columns = [
        f'({column.computed}) AS "{column.name}"' if column.computed is not None else f't."{column.name}"'
        for column in properties
        if column.stored or column.computed is not None
    ]
    return Sql(", ".join([*columns, *(f't."{name}"' for name in shows)]))


def confirming(table: str, columns: str, where: str) -> Sql:
    """The SELECT of the row `t` for which `where` holds, beside the security epoch that confirms the caller; `_found` is
    null where there is none.
    """
    return Sql(
        f"SELECT s.epoch AS _epoch, t.marketplace_id AS _found, {columns} FROM security_epochs s "
        f"LEFT JOIN {table} t ON {where} WHERE s.marketplace_id = :marketplace_id"
    )


@lru_cache(maxsize=1024)
def stored_columns(entity: Entity) -> tuple[str, ...]:
    """Every column that a row is written with: keys, properties, stored columns."""
    names = dict.fromkeys(part.stored for part in (*entity.parents, *entity.owners))
    names.update(dict.fromkeys(c.name for c in entity.model.__columns__.values() if c.stored))
    names.update(dict.fromkeys(s.name for s in entity.stored))
    return tuple(names)


ID = "object_id"


def place_of(resource: Resource) -> tuple[str, ...]:
    """The parameters of `the_row`: the marketplace, the path's parents, the ID."""
    return ("marketplace_id", *(within.parameter for within in resource.within), ID)


def the_row(resource: Resource, those: str = f"= :{ID}") -> Sql:
    """The condition on the row `t` that has an ID, or is one of `those` that have, within the path's parents.

    Owner columns that the path does not name must be null: the seller's users are the rows without buyer and supplier.
    """
    conditions = [f't."{within.column}" = :{within.parameter}' for within in resource.within]
    named = {within.column for within in resource.within}
    conditions += [f't."{o.stored}" IS NULL' for o in resource.entity.owners if o.column not in named]
    text = "".join(f" AND {condition}" for condition in conditions)
    return Sql(f't.marketplace_id = :marketplace_id{text} AND t."{resource.entity.id_column}" {those}')


@dataclass(frozen=True, slots=True)
class Statements:
    """The fixed statements of one resource. They take the marketplace, then the path's parents, then the ID.

    For callers that do not see everything `get` and `lock` find what they see, and take last what sight.facts_needed names.
    """

    get: str
    """One row, or its text where rows keep it, with the marketplace's security epoch; null where there is none."""
    read: str
    lock: str
    """Without computed properties, with stored columns and the security epoch, FOR NO KEY UPDATE; no row where there is none."""
    lock_some: str
    """The same of several, whose IDs are an array; in the order of their IDs."""
    where: Sql
    """The condition on the row `t`, with the parameters of `place_of`."""
    written: Sql
    """The select list of `read`, for the statement that updates the row to give as well; "" where something of it is read from
    rows of the same table, since no statement sees what it writes.
    """


@lru_cache(maxsize=1024)
def statements(resource: Resource, kind: UserType | None = None) -> Statements:
    """The statements for callers of a kind; None for those that see everything."""
    entity = resource.entity
    where, place = the_row(resource), place_of(resource)
    seen: Sql = where
    facts: tuple[str, ...] = ()
    if kind is not None:
        seen, facts = (
            Sql(f"{where} AND {sight.condition(resource, kind)}"),
            sight.facts_needed(resource, kind),
        )
    columns = shown = projection(resource.columns, resource.hooks.shows)
    if resource.prewritten is not None:
        text = row_text(resource.prewritten.own)
        shown = Sql(", ".join((f"{text} AS {PREWRITTEN}", *(f't."{name}"' for name in resource.hooks.shows))))
    own = ", ".join(f't."{name}"' for name in (*(("key",) if entity.keyed else ()), *stored_columns(entity)))
    read = Sql(f"SELECT {columns} FROM {entity.table} t WHERE {where}")
    locked = f"SELECT s.epoch AS {EPOCH}, {own} FROM security_epochs s JOIN {entity.table} t ON"
    of_marketplace = "WHERE s.marketplace_id = :marketplace_id"
    lock = Sql(f"{locked} {seen} {of_marketplace} FOR NO KEY UPDATE OF t")
    some = the_row(resource, f"= ANY(CAST(:{ID} AS citext[]))")
    order = f'ORDER BY t."{entity.id_column}"'
    lock_some = Sql(f"{locked} {some} {of_marketplace} {order} FOR NO KEY UPDATE OF t")
    return Statements(
        get=confirming(entity.table, shown, seen).bound(*place, *facts),
        read=read.bound(*place),
        lock=lock.bound(*place, *facts),
        lock_some=lock_some.bound(*place),
        where=where,
        written=Sql("" if re.search(rf"\b{entity.table}\b", columns) else columns),
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
    return _update(resource, columns).bound(*place_of(resource), *_new(columns))


@lru_cache(maxsize=4096)
def update_and_read(resource: Resource, columns: tuple[str, ...], told: tuple[str, ...] = ()) -> str:
    """The same, and the row as `read` has it; "" where one statement cannot do both (Statements.written). told: columns that name
    what of the row is synchronized.
    """
    shown = statements(resource).written
    if not shown:
        return ""
    names = ", ".join((shown, *told))
    statement = Sql(
        f"WITH written AS ({_update(resource, columns)} RETURNING t.*) SELECT {names} FROM written t"
    )
    return statement.bound(*place_of(resource), *_new(columns))


def _update(resource: Resource, columns: tuple[str, ...]) -> Sql:
    values = zip(columns, _new(columns), strict=True)
    assignments = ", ".join(f"{quoted(column)} = :{value}" for column, value in values)
    return Sql(f"UPDATE {resource.entity.table} t SET {assignments} WHERE {the_row(resource)}")


def _new(columns: tuple[str, ...]) -> list[str]:
    """The parameters of columns' new values: names of columns are no names of parameters."""
    return [f"new_{number}" for number in range(len(columns))]

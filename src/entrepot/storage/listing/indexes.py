"""The indexes that serve a list: one per sort, one for its searches."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Dialect, Table
from sqlalchemy.dialects.postgresql.base import PGDialect

from entrepot.domain.listing.fields import TEXT_KINDS, FieldKind, FieldPath, ListShape
from entrepot.storage.listing.ordering import direction, sort_expression
from entrepot.storage.listing.predicates import lowered
from entrepot.storage.listing.rendering import Value

MAX_NAME_LENGTH = 50

_DIALECT: Dialect = PGDialect()  # type: ignore[no-untyped-call]
_SEARCHED_KINDS = TEXT_KINDS | {FieldKind.ENUM}


@dataclass(frozen=True, slots=True)
class IndexDefinition:
    """An index as SQL text; `parts` are its columns and expressions in order, `where` makes it a partial one, `include`
    names columns that it holds besides.
    """

    name: str
    table: str
    method: str
    parts: tuple[str, ...]
    where: str | None = None
    include: tuple[str, ...] = ()

    def create_sql(self) -> str:
        held = f" INCLUDE ({', '.join(map(_quoted, self.include))})" if self.include else ""
        condition = "" if self.where is None else f" WHERE {self.where}"
        parts = ", ".join(self.parts)
        return f"CREATE INDEX {self.name} ON {self.table} USING {self.method} ({parts}){held}{condition}"


def list_indexes(
    shape: ListShape,
    table: Table,
    *,
    scope: tuple[str, ...],
    where: str | None = None,
    counted: tuple[str, ...] = (),
    held: tuple[str, ...] = (),
) -> list[IndexDefinition]:
    """The indexes for the sorts and searches of a list whose `scope` columns equal parameters, marketplace_id first.

    A list that fixes a column by IS NULL says so in `where`, the SQL text of a partial index: no other index gives its
    order, for PostgreSQL takes a column for constant only where it equals something. The table's columns carry the
    wire's names. Several lists of one table may give the same index: compare by name. A sort that a key of the table
    or the index of the default sort serves gets none. counted: texts whose matches the index counts without the rows;
    for that it has to hold the column itself beside its lower case. held: columns that each index holds beside its order. Needs the extensions pg_trgm and btree_gin.
    """
    default = shape.default_sort
    orders = [default, *(_explicit_order(path, shape) for path in shape.sort_paths if path != default[0])]
    orders = [order for order in orders if order and all(path.name in table.c for path in order)]
    served = [
        _sort_index(
            order, table, scope, where, (*(path.name for path in order[:1] if path.name in counted), *held)
        )
        for order in orders
        if not _is_key(order, table, scope)
    ]
    search = _search_index(shape, table, where)
    return [*served, *([search] if search else [])]


def _is_key(order: tuple[FieldPath, ...], table: Table, scope: tuple[str, ...]) -> bool:
    wanted = [*scope, *(path.name for path in order)]
    keys = [[column.name for column in table.primary_key]]
    keys += [
        [getattr(part, "name", "") for part in index.expressions] for index in table.indexes if index.unique
    ]
    return wanted in keys and not any(table.c[path.name].nullable for path in order)


def _explicit_order(path: FieldPath, shape: ListShape) -> tuple[FieldPath, ...]:
    return (path, *(key for key in shape.key_paths if key != path))


def _sort_index(
    order: tuple[FieldPath, ...],
    table: Table,
    scope: tuple[str, ...],
    where: str | None,
    include: tuple[str, ...],
) -> IndexDefinition:
    terms = [*(_quoted(name) for name in scope), *(_sort_term(path, table) for path in order)]
    name = _name(table, scope, [path.name for path in order], "sort", where, include)
    return IndexDefinition(name, table.name, "btree", tuple(terms), where, include)


def _sort_term(path: FieldPath, table: Table) -> str:
    value = column_value(table.c[path.name])
    return f"{sort_expression(value, path)} {direction(descending=False, nullable=value.nullable)}"


def _search_index(shape: ListShape, table: Table, where: str | None) -> IndexDefinition | None:
    """Trigrams of every searched text; a search in a field of another kind cannot use it."""
    paths = [path for path in shape.search_paths if path.kind in _SEARCHED_KINDS and path.name in table.c]
    if not paths:
        return None
    terms = [f"{lowered(column_value(table.c[path.name]))} gin_trgm_ops" for path in paths]
    name = _name(table, (), [path.name for path in paths], "search", where)
    return IndexDefinition(name, table.name, "gin", ("marketplace_id", *terms), where)


def _name(
    table: Table,
    scope: tuple[str, ...],
    names: list[str],
    purpose: str,
    where: str | None,
    include: tuple[str, ...] = (),
) -> str:
    """Readable and unique: the table, the first field, and a digest of all that the index covers."""
    covered = [*scope, "", *names, where or "", *include]
    digest = hashlib.sha256("\0".join(covered).encode()).hexdigest()[:6]
    start = f"ls_{table.name}_{purpose}_{names[0].replace('.', '_').lower()}"
    return f"{start[: MAX_NAME_LENGTH - 7]}_{digest}"


def column_value(column: Column[Any]) -> Value:
    """A column by its bare name, as CREATE INDEX wants it."""
    return Value(_quoted(column.name), column.type, bool(column.nullable))


def _quoted(name: str) -> str:
    return _DIALECT.identifier_preparer.quote(name)

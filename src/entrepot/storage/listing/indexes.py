"""The indexes that serve a list: one per sort, one for its searches."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Dialect, Table
from sqlalchemy.dialects.postgresql.base import PGDialect

from entrepot.domain.listing.fields import TEXT_KINDS, FieldKind, FieldPath, ListShape
from entrepot.storage.listing.ordering import directed, sort_expression
from entrepot.storage.listing.predicates import lowered

MAX_NAME_LENGTH = 50

_DIALECT: Dialect = PGDialect()  # type: ignore[no-untyped-call]
_SEARCHED_KINDS = TEXT_KINDS | {FieldKind.ENUM}


@dataclass(frozen=True, slots=True)
class IndexDefinition:
    """An index as SQL text; `parts` are its columns and expressions in order."""

    name: str
    table: str
    method: str
    parts: tuple[str, ...]

    def create_sql(self) -> str:
        return f"CREATE INDEX {self.name} ON {self.table} USING {self.method} ({', '.join(self.parts)})"


def list_indexes(shape: ListShape, table: Table, *, scope: tuple[str, ...]) -> list[IndexDefinition]:
    """The indexes for the sorts and searches of a list whose `scope` columns are fixed, marketplace_id first.

    The table's columns carry the wire's names. Several lists of one table may give the same index: compare by name.
    Sorts that the primary key, or the index of the default sort, serves get none. Needs pg_trgm and btree_gin.
    """
    default = shape.default_sort
    orders = [default, *(_explicit_order(path, shape) for path in shape.sort_paths if path != default[0])]
    orders = [order for order in orders if order and all(path.name in table.c for path in order)]
    served = [each for order in orders if (each := _sort_index(order, table, scope)) is not None]
    search = _search_index(shape, table)
    return [*served, *([search] if search else [])]


def _explicit_order(path: FieldPath, shape: ListShape) -> tuple[FieldPath, ...]:
    return (path, *(key for key in shape.key_paths if key != path))


def _sort_index(order: tuple[FieldPath, ...], table: Table, scope: tuple[str, ...]) -> IndexDefinition | None:
    names = [path.name for path in order]
    if [column.name for column in table.primary_key] == [*scope, *names]:
        return None
    terms = [*(_quoted(name) for name in scope), *(_sort_term(path, table) for path in order)]
    return IndexDefinition(_name(table, scope, names, "sort"), table.name, "btree", tuple(terms))


def _sort_term(path: FieldPath, table: Table) -> str:
    column = table.c[path.name]
    return _sql(directed(sort_expression(column, path), descending=False, nullable=bool(column.nullable)))


def _search_index(shape: ListShape, table: Table) -> IndexDefinition | None:
    """Trigrams of every searched text; a search in a field of another kind cannot use it."""
    paths = [path for path in shape.search_paths if path.kind in _SEARCHED_KINDS and path.name in table.c]
    if not paths:
        return None
    terms = [f"{_sql(lowered(table.c[path.name]))} gin_trgm_ops" for path in paths]
    name = _name(table, (), [path.name for path in paths], "search")
    return IndexDefinition(name, table.name, "gin", ("marketplace_id", *terms))


def _name(table: Table, scope: tuple[str, ...], names: list[str], purpose: str) -> str:
    """Readable and unique: the table, the first field, and a digest of all that the index covers."""
    digest = hashlib.sha256("\0".join([*scope, "", *names]).encode()).hexdigest()[:6]
    start = f"ls_{table.name}_{purpose}_{names[0].replace('.', '_').lower()}"
    return f"{start[: MAX_NAME_LENGTH - 7]}_{digest}"


def _sql(expression: ColumnElement[object]) -> str:
    """The expression with bare column names, as CREATE INDEX wants it."""
    compiled = expression.compile(dialect=_DIALECT, compile_kwargs={"include_table": False})
    return str(compiled)


def _quoted(name: str) -> str:
    return _DIALECT.identifier_preparer.quote(name)

"""Where a list reads from: a table or join, and which SQL expression holds which field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from sqlalchemy import Column, ColumnElement, FromClause, Join, Table, TableClause, bindparam

from entrepot.domain.listing.fields import ListShape
from entrepot.storage.listing.rendering import Skeleton, Value, any_row_of, value_of

XP_VALUE = "xp_value"


@dataclass(frozen=True, eq=False)
class Collection:
    """A list field kept in a table of its own: the rows of `source` for which `on` holds are the items.

    `value` is the field that is the item itself, where the items are no objects.
    """

    source: Source
    on: ColumnElement[bool]
    value: str = ""


@dataclass(frozen=True, eq=False)
class TextColumns:
    """The generated columns that hold the words and stems of searched fields, and each field's weight in them."""

    words: ColumnElement[object]
    stems: ColumnElement[object]
    weights: Mapping[str, str]


@dataclass(frozen=True, eq=False)
class KeptTotals:
    """Rows that add up to the number of a source's rows, by the values of some of its fields, which they hold under the same
    names and alias: what a list filters by those alone is told without counting.
    """

    table: FromClause
    where: tuple[ColumnElement[bool], ...]
    rows: ColumnElement[int]
    names: frozenset[str]


@dataclass(frozen=True, eq=False)
class Source:
    """What the lists of one operation are compiled against; made once, compared by identity.

    `columns` are the page's columns. `fields` maps dotted field names, spelled as in the shape, to expressions; below
    a jsonb expression for an object or list its own fields need no entry. `where` holds for every row of the list:
    the condition on marketplace_id first, then on each joined table, with named parameters (the scope). `lead` sorts
    before the default sort, e.g. an assignment's ListOrder (SRCH-6). `text` serves premium searches: it holds every
    field that they search without searchOn. With `facets`, the table of their definitions, each
    page tells the facets of the whole result (FAC-5).
    With `knows_total` nothing is counted: the scope has the total as `known_total`. With `item`, the names of a wire
    object's properties in their order, a page is one row, in which those columns are JSON text, and which tells `once`
    what does not depend on the rows; see compile.ITEMS. `prewritten` is that text, where rows keep it.
    `sorts` has the expressions of the shape's `sorted_within`.
    `key` names a table's primary key, marketplace_id first: a search that counts facets then looks for its matches once,
    for the facets, the total and the page. It holds as long as `table` is that table alone; see row_key.
    """

    shape: ListShape
    table: FromClause
    columns: tuple[ColumnElement[object], ...]
    fields: Mapping[str, ColumnElement[object]]
    where: tuple[ColumnElement[bool], ...]
    lead: tuple[ColumnElement[object], ...] = ()
    collections: Mapping[str, Collection] = field(default_factory=dict)
    text: TextColumns | None = None
    facets: TableClause | None = None
    knows_total: bool = False
    item: tuple[str, ...] = ()
    once: tuple[ColumnElement[object], ...] = ()
    prewritten: ColumnElement[str] | None = None
    key: tuple[ColumnElement[object], ...] = ()
    sorts: Mapping[str, ColumnElement[object]] = field(default_factory=dict)
    totals: KeptTotals | None = None

    def value(self, name: str) -> Value:
        """The expression of a field as text; written once."""
        value = self._values.get(name)
        if value is None:
            expression = self.fields[name]
            value = value_of(expression, self.table, nullable=self.may_be_null(expression))
            self._values[name] = value
        return value

    def sort_value(self, name: str) -> Value:
        """The expression of `sorts` as text; written once."""
        value = self._sort_values.get(name)
        if value is None:
            value = self._sort_values[name] = value_of(self.sorts[name], self.table)
        return value

    def any_row(self, name: str, holds: str) -> str:
        """Whether a condition holds for any row of a collection, as text."""
        rows = self._any_rows.get(name)
        if rows is None:
            collection = self.collections[name]
            child = collection.source
            rows = any_row_of(child.table, child.where, collection.on, self.table)
            self._any_rows[name] = rows
        return rows.filled({"holds": holds})

    @cached_property
    def vectors(self) -> tuple[str, str]:
        """The columns of words and of stems as text."""
        assert self.text is not None
        words, stems = (value_of(each, self.table).sql for each in (self.text.words, self.text.stems))
        return words, stems

    @cached_property
    def lead_values(self) -> tuple[str, ...]:
        """`lead` as text."""
        return tuple(value_of(each, self.table).sql for each in self.lead)

    @cached_property
    def _values(self) -> dict[str, Value]:
        return {}

    @cached_property
    def _sort_values(self) -> dict[str, Value]:
        return {}

    @cached_property
    def _any_rows(self) -> dict[str, Skeleton]:
        return {}

    @property
    def row_key(self) -> tuple[ColumnElement[object], ...]:
        """`key` where it tells the rows of the list apart. In a join it does not: one row may stand there several times."""
        own = all(isinstance(column, Column) and column.table is self.table for column in self.key)
        return self.key if own else ()

    def anchor(self, name: str) -> tuple[str, tuple[str, ...]]:
        """The longest mapped part of a dotted name, and the names below it. Raises LookupError if none is mapped."""
        parts = name.split(".")
        for length in range(len(parts), 0, -1):
            start = ".".join(parts[:length])
            if start in self.fields or start in self.collections:
                return start, tuple(parts[length:])
        raise LookupError(f"no expression for {name}")

    def below(self, name: str) -> tuple[str, ...]:
        """The names to follow within the jsonb expression that holds a dotted name."""
        start, rest = self.anchor(name)
        if start in self.collections:
            return self.collections[start].source.below(".".join(rest))
        return rest

    def may_be_null(self, expression: ColumnElement[object]) -> bool:
        if not isinstance(expression, Column) or expression.nullable:
            return True
        return expression.table in self._outer_tables

    @cached_property
    def _outer_tables(self) -> frozenset[FromClause]:
        return frozenset(_optional(self.table, optional=False))


def table_source(
    shape: ListShape,
    table: Table,
    *,
    scope: tuple[str, ...],
    columns: tuple[str, ...] | None = None,
    text: TextColumns | None = None,
) -> Source:
    """A list of one table whose columns carry the wire's names; `scope` names the columns fixed by parameters."""
    fields = {each.name: table.c[each.name] for each in shape.fields if each.name in table.c}
    if XP_VALUE in table.c:
        fields["xp"] = table.c[XP_VALUE]
    shown = table.c.keys() if columns is None else columns
    return Source(
        shape=shape,
        table=table,
        columns=tuple(table.c[name] for name in shown if name != XP_VALUE),
        fields=fields,
        where=tuple(table.c[name] == bindparam(name, type_=table.c[name].type) for name in scope),
        text=text,
    )


def _optional(table: FromClause, *, optional: bool) -> list[FromClause]:
    """The tables whose columns an outer join may leave null."""
    if not isinstance(table, Join):
        return [table] if optional else []
    return [
        *_optional(table.left, optional=optional or table.full),
        *_optional(table.right, optional=optional or table.full or table.isouter),
    ]

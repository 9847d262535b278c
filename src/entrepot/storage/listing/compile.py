"""List requests as SQL for asyncpg: compiled once per shape, then only arguments change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Dialect, Select, and_, case, false, func, literal_column, not_, or_, select, true
from sqlalchemy.dialects.postgresql.base import PGDialect

from entrepot.domain.listing.filters import Operator
from entrepot.domain.listing.request import ListRequest
from entrepot.storage.listing.arguments import argument
from entrepot.storage.listing.lowering import make_template
from entrepot.storage.listing.ordering import order_by
from entrepot.storage.listing.predicates import (
    Condition,
    Expression,
    is_blank,
    is_present,
    satisfies,
)
from entrepot.storage.listing.search import search_condition, search_rank
from entrepot.storage.listing.source import Source
from entrepot.storage.listing.template import Clause, FieldClauses, Place, Template
from entrepot.storage.listing.values import any_value

TOTAL = "list_total"
CACHED_SHAPES = 1024

_DIALECT: Dialect = PGDialect(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True)
class CompiledList:
    """The statement of one page and, for the rare page beyond the end, the count alone.

    `sql` gives the page's columns in order, and last `list_total`, which is NULL where the page itself tells the total.
    """

    sql: str
    args: tuple[Any, ...]
    count_sql: str
    count_args: tuple[Any, ...]
    offset: int

    def total(self, rows: Sequence[Any]) -> int | None:
        """The total that fetched rows tell; None if they are none of a page other than the first: then count."""
        if not rows:
            return None if self.offset else 0
        known = rows[0][TOTAL]
        return self.offset + len(rows) if known is None else int(known)


def compile_list(source: Source, request: ListRequest, scope: Mapping[str, Any]) -> CompiledList:
    """The SQL of a request. `scope` holds the values of the source's named parameters.

    Raises KeyError for a missing scope value and LookupError for a field that the source has no expression for.
    """
    template, values = make_template(source, request)
    page, count = _statements(source, template)
    return CompiledList(
        page.sql, page.arguments(scope, values), count.sql, count.arguments(scope, values), request.offset
    )


@dataclass(frozen=True, slots=True)
class _Statement:
    sql: str
    parameters: tuple[int | str, ...]
    """For each $n: the index of a request's value, or the name of a scope value."""

    def arguments(self, scope: Mapping[str, Any], values: Sequence[Any]) -> tuple[Any, ...]:
        return tuple(values[each] if isinstance(each, int) else scope[each] for each in self.parameters)


@lru_cache(maxsize=CACHED_SHAPES)
def _statements(source: Source, template: Template) -> tuple[_Statement, _Statement]:
    where = and_(*source.where, *_conditions(source, template))
    count = select(func.count()).select_from(source.table).where(where)
    return _compiled(_page(source, template, where, count)), _compiled(count)


def _page(source: Source, template: Template, where: Condition, count: Select[Any]) -> Select[Any]:
    """The page below, the total beside it; the subquery of the total runs only where the page is full."""
    # A constant LIMIT lets a generic plan see that few rows are wanted; there are at most 100 of them.
    rows = (
        select(*source.columns)
        .select_from(source.table)
        .where(where)
        .order_by(*_order(source, template))
        .limit(literal_column(str(template.page_size)))
    )
    if template.offset is not None:
        rows = rows.offset(argument(template.offset))
    page = rows.subquery("page")
    is_partial = func.count().over() < literal_column(str(template.page_size))
    total = case((is_partial, literal_column("NULL")), else_=count.scalar_subquery())
    return select(*page.c, total.label(TOTAL))


def _order(source: Source, template: Template) -> list[Expression]:
    search = template.search
    rank = [search_rank(source, search).asc()] if search and search.ranked and search.places else []
    lead = [each.asc() for each in source.lead] if template.lead else []
    return [*rank, *lead, *order_by(source, template.order)]


def _conditions(source: Source, template: Template) -> list[Condition]:
    conditions = [or_(false(), *(_holds(source, test) for test in tests)) for tests in template.conditions]
    if template.search is not None:
        conditions.append(search_condition(source, template.search))
    return conditions


def _holds(source: Source, test: FieldClauses) -> Condition:
    if test.place is None:
        return false()
    return or_(false(), *(_clause(source, test.place, clause) for clause in test.clauses))


def _clause(source: Source, place: Place, clause: Clause) -> Condition:
    """One clause over all values of the field: any may satisfy it, and none may if it is negated (FLT-6, FLT-8)."""
    if clause.operator is Operator.PRESENT:
        condition = any_value(source, place, is_present)
        return not_(condition) if clause.negated else condition
    if clause.operator is Operator.EMPTY:
        condition = or_(not_(any_value(source, place, is_present)), any_value(source, place, is_blank))
    else:
        condition = any_value(source, place, lambda value, kind: satisfies(value, kind, clause))
    return condition.is_not(true()) if clause.negated else condition


def _compiled(statement: Select[Any]) -> _Statement:
    compiled = statement.compile(dialect=_DIALECT)
    names = compiled.positiontup or []
    return _Statement(compiled.string, tuple(_parameter(name) for name in names))


def _parameter(name: str) -> int | str:
    return int(name[1:]) if name[:1] == "p" and name[1:].isdigit() else name

"""List requests as SQL for asyncpg: compiled once per shape, then only arguments change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    DateTime,
    Dialect,
    FromClause,
    Numeric,
    Select,
    Subquery,
    Text,
    and_,
    bindparam,
    case,
    cast,
    false,
    func,
    literal_column,
    not_,
    null,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql.base import PGDialect

from entrepot.domain.listing.filters import Operator
from entrepot.domain.listing.request import ListRequest
from entrepot.storage.listing.arguments import argument
from entrepot.storage.listing.facets import facets_of, fails_nothing, matched_rows
from entrepot.storage.listing.lowering import make_template
from entrepot.storage.listing.ordering import bare, order_by, turned_as
from entrepot.storage.listing.predicates import (
    Condition,
    Expression,
    is_blank,
    is_present,
    satisfies,
)
from entrepot.storage.listing.search import search_condition, search_rank
from entrepot.storage.listing.source import Source
from entrepot.storage.listing.template import (
    Clause,
    FieldClauses,
    Place,
    PremiumTemplate,
    SearchTemplate,
    Template,
)
from entrepot.storage.listing.values import any_value

TOTAL = "list_total"
FACETS = "list_facets"
KNOWN_TOTAL = "known_total"
ITEMS, COUNT = "list_items", "list_count"
"""Of a source with `item`: the JSON texts of a page's wire objects, with commas between them, as engine.wire.render makes
them of the rows; and how many they are. The database writes the text for less than the process needs to read the columns.
"""
CACHED_SHAPES = 1024
_MILLISECOND: Expression = literal_column("interval '1 ms'")
_ORIGIN: Expression = literal_column("timestamptz '2000-01-01 00:00:00+00'")
"""date_bin of these takes a fraction of the time of date_trunc."""

_DIALECT: Dialect = PGDialect(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True)
class CompiledList:
    """The statement of one page and, for the rare page beyond the end, the count alone.

    `sql` gives the page's columns in order, and last `list_total`, which is NULL where the page itself tells the total.
    Where the source has facets, `list_facets` follows, JSON text in the first row; `facets_sql` serves an empty page.
    Of a source with `item` it gives one row, whatever the page: ITEMS, COUNT, the columns that are no properties as arrays
    (NULL where they have nothing but NULL), what the source tells `once`, the total, the facets.
    """

    sql: str
    args: tuple[Any, ...]
    count_sql: str
    count_args: tuple[Any, ...]
    offset: int
    facets_sql: str | None = None
    facets_args: tuple[Any, ...] = ()
    searches: bool = False
    """Whether it looks for substrings: see ReadyPool.anew."""

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
    return PreparedList(source, request).bind(scope)


class PreparedList:
    """A request as far as it can be compiled without the scope. Raises LookupError as `compile_list`."""

    def __init__(self, source: Source, request: ListRequest) -> None:
        template, self._values = make_template(source, request)
        self.searches = isinstance(template.search, SearchTemplate)
        self._page, self._count, self._facets = _statements(source, template)
        self._offset = request.offset

    @property
    def offset(self) -> int:
        """How many matches come before the page."""
        return self._offset

    def page(self, scope: Mapping[str, Any]) -> tuple[str, tuple[Any, ...]]:
        """The statement of the page alone, which is all that a source with `item` needs. Raises KeyError as `bind`."""
        return self._page.sql, self._page.arguments(scope, self._values)

    def bind(self, scope: Mapping[str, Any]) -> CompiledList:
        """The SQL with these values of the source's named parameters. Raises KeyError for a missing one."""
        page, count, facets, values = self._page, self._count, self._facets, self._values
        return CompiledList(
            page.sql,
            page.arguments(scope, values),
            count.sql,
            count.arguments(scope, values),
            self._offset,
            facets.sql if facets is not None else None,
            facets.arguments(scope, values) if facets is not None else (),
            self.searches,
        )


@dataclass(frozen=True, slots=True)
class _Statement:
    sql: str
    parameters: tuple[int | str, ...]
    """For each $n: the index of a request's value, or the name of a scope value."""

    def arguments(self, scope: Mapping[str, Any], values: Sequence[Any]) -> tuple[Any, ...]:
        return tuple(values[each] if isinstance(each, int) else scope[each] for each in self.parameters)


@lru_cache(maxsize=CACHED_SHAPES)
def _statements(source: Source, template: Template) -> tuple[_Statement, _Statement, _Statement | None]:
    conditions = _conditions(source, template)
    where = and_(*source.where, *conditions)
    count = select(func.count()).select_from(source.table).where(where)
    total: Expression = count.scalar_subquery()
    if source.facets is None:
        return _compiled(_page(source, template, where, total)), _compiled(count), None
    filters, search = conditions[: len(template.conditions)], conditions[len(template.conditions) :]
    if source.row_key and isinstance(template.search, PremiumTemplate):
        order = _order(source, template)
        more = (*source.row_key, *(bare(term).label(f"order_{place}") for place, term in enumerate(order)))
        matched = matched_rows(source, template, filters, search, more).cte("matched")
        facets = facets_of(source, matched)
        all_matches = (
            select(func.count()).select_from(matched).where(fails_nothing(matched)).scalar_subquery()
        )
        rows = _top(source, template, matched, order)
        page = _with_total(source, template, rows, case((facets.defined, facets.total), else_=all_matches))
    else:
        facets = facets_of(source, matched_rows(source, template, filters, search).subquery("matched"))
        page = _page(source, template, where, case((facets.defined, facets.total), else_=total))
    is_first = func.row_number().over() == literal_column("1")
    once = facets.json if source.item else case((is_first, facets.json))
    page = page.add_columns(once.label(FACETS))
    return _compiled(page), _compiled(count), _compiled(select(facets.json))


def _top(source: Source, template: Template, matched: CTE, order: Sequence[Expression]) -> Select[Any]:
    """The rows of a page whose matches and their order are known."""
    turned = [turned_as(term, matched.c[f"order_{place}"]) for place, term in enumerate(order)]
    first = select(matched).where(fails_nothing(matched)).order_by(*turned)
    top = _cut(first, template).subquery("top")
    same = (column == top.c[str(column.key)] for column in source.row_key)
    again = [turned_as(term, top.c[f"order_{place}"]) for place, term in enumerate(order)]
    rows = _columns_from(source, source.table.join(top, and_(*same)))
    return rows.where(source.where[0]).order_by(*again)


def _cut(rows: Select[Any], template: Template) -> Select[Any]:
    # A constant LIMIT lets a generic plan see that few rows are wanted; there are at most 100 of them.
    rows = rows.limit(literal_column(str(template.page_size)))
    return rows if template.offset is None else rows.offset(argument(template.offset))


def _page(source: Source, template: Template, where: Condition, count: Expression) -> Select[Any]:
    """The page below, the total beside it; the subquery of the total runs only where the page is full."""
    rows = _columns_from(source, source.table).where(where)
    ordered = _cut(rows.order_by(*_order(source, template)), template)
    return _with_total(source, template, ordered, count)


def _columns_from(source: Source, table: FromClause) -> Select[Any]:
    columns: Any = source.columns
    if source.prewritten is not None:
        columns = (source.prewritten.label(ITEMS), *columns)
    return select(*columns).select_from(table)


def _with_total(source: Source, template: Template, rows: Select[Any], count: Expression) -> Select[Any]:
    page = rows.subquery("page")
    shown = _items(source, page) if source.item else select(*page.c)
    if source.knows_total:
        known = cast(bindparam(KNOWN_TOTAL, type_=BigInteger()), BigInteger())
        return shown.add_columns(known.label(TOTAL))
    size: Expression = literal_column(str(template.page_size))
    is_partial: Condition = func.count().over() < size
    if source.item:
        # Beyond the end only the count tells the total.
        any_rows = func.count() > literal_column("0") if template.offset is not None else true()
        is_partial = and_(func.count() < size, any_rows)
    total = case((is_partial, literal_column("NULL")), else_=count)
    return shown.add_columns(total.label(TOTAL))


def _items(source: Source, page: Subquery) -> Select[Any]:
    """One row for the whole page; in the texts a property without a column is null."""
    rows: FromClause = page
    text: Expression
    if source.prewritten is not None:
        text = page.c[ITEMS]
    else:
        values = (_in_item(page.c[name]) if name in page.c else null() for name in source.item)
        named = (value.label(name) for name, value in zip(source.item, values, strict=True))
        rows = page.join(select(*named).correlate(page).lateral("item"), true())
        text = cast(func.row_to_json(literal_column("item")), Text())
    rest = (column for column in page.c if column.name not in (*source.item, ITEMS))
    return select(
        func.string_agg(text, literal_column("','")).label(ITEMS),
        func.count().label(COUNT),
        *(
            case((func.count(each) > literal_column("0"), func.array_agg(each))).label(each.name)
            for each in rest
        ),
        *source.once,
    ).select_from(rows)


def _in_item(column: Expression) -> Expression:
    """As the wire spells it: instants to the millisecond, numbers without trailing zeros (BODY-6, BODY-7)."""
    if isinstance(column.type, DateTime):
        return func.date_bin(_MILLISECOND, column, _ORIGIN)
    if isinstance(column.type, Numeric):
        return func.trim_scale(column)
    return column


def _order(source: Source, template: Template) -> list[Expression]:
    search = template.search
    rank = [search_rank(source, search).asc()] if search and search.ranked and search.searched else []
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

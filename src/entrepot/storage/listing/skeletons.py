"""The statements of a list apart from what each request says: made once for each source and form."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    Subquery,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    select,
    text,
    true,
)

from entrepot.storage.listing.facets import Facets, facets_of, fails_nothing, matched_rows
from entrepot.storage.listing.items import ITEM, TEXT, in_row
from entrepot.storage.listing.rendering import Skeleton, hole, rendered
from entrepot.storage.listing.source import Source

Expression = ColumnElement[Any]
Condition = ColumnElement[bool]

TOTAL = "list_total"
FACETS = "list_facets"
KNOWN_TOTAL = "known_total"
ITEMS, COUNT = "list_items", "list_count"
"""Of a source with `item`: the JSON texts of a page's wire objects, with commas between them, as engine.wire.render makes
them of the rows; and how many they are. The database writes the text for less than the process needs to read the columns.
"""
WHERE, ORDER, LIMIT, OFFSET = "where", "order", "limit", "offset"
"""Holes: a condition, the terms of ORDER BY, two numbers."""
TERMS, TERMS_AGAIN = "terms", "terms_again"
"""Where matches are looked for once: what they are sorted by, as columns `order_0` and so on, and those columns."""
OF_MATCHED, OF_TOP = "of_matched", "of_top"
ORDERED = {OF_MATCHED: "matched", OF_TOP: "top"}
"""The same columns as terms of ORDER BY, and the tables that have them."""


@dataclass(frozen=True, slots=True)
class Form:
    """words: whether it searches by words; ordered: whether there is any order; later: whether rows come before the page;
    kept: whether the total is (Source.totals); counted: whether it is known already; backwards: whether the page is looked for from
    the end, in the opposite of the order.
    """

    words: bool
    ordered: bool
    later: bool
    kept: bool = False
    counted: bool = False
    backwards: bool = False


class Skeletons:
    """The statements of one source in one form."""

    def __init__(self, source: Source, form: Form) -> None:
        self._source = source
        self._form = form

    @cached_property
    def page(self) -> Skeleton:
        source = self._source
        if source.facets is None:
            return _skeleton(self._page(self._counted.scalar_subquery()))
        if self._looks_once:
            rows, facets, total = self._looked_for_once()
            page = self._with_total(rows, case((facets.defined, facets.total), else_=total))
        else:
            facets = self._facets_of_matches
            total = self._counted.scalar_subquery()
            page = self._page(case((facets.defined, facets.total), else_=total))
        is_first = func.row_number().over() == literal_column("1")
        once = facets.json if source.item else case((is_first, facets.json))
        return _skeleton(page.add_columns(once.label(FACETS)))

    @cached_property
    def count(self) -> Skeleton:
        return _skeleton(self._counted)

    @cached_property
    def facets(self) -> Skeleton:
        return _skeleton(select(self._facets_of_matches.json))

    @property
    def _looks_once(self) -> bool:
        return bool(self._source.row_key) and self._form.words

    @property
    def _where(self) -> Condition:
        return and_(*self._source.where, literal_column(hole(WHERE)))

    @property
    def _counted(self) -> Select[Any]:
        totals = self._source.totals
        if self._form.kept and totals is not None:
            number = cast(func.coalesce(func.sum(totals.rows), literal_column("0")), BigInteger())
            return select(number).select_from(totals.table).where(*totals.where, literal_column(hole(WHERE)))
        return select(func.count()).select_from(self._source.table).where(self._where)

    @property
    def _facets_of_matches(self) -> Facets:
        return facets_of(self._source, matched_rows(self._source).subquery("matched"))

    def _looked_for_once(self) -> tuple[Select[Any], Facets, Expression]:
        """The rows of a page whose matches and their order are known, the facets of the matches, and their number."""
        source = self._source
        matched = matched_rows(source, (*source.row_key, text(hole(TERMS)))).cte("matched")
        found = select(func.count()).select_from(matched).where(fails_nothing(matched)).scalar_subquery()
        keys = [matched.c[str(column.key)] for column in source.row_key]
        first = select(*keys, text(hole(TERMS_AGAIN))).where(fails_nothing(matched))
        top = self._cut(first.order_by(text(hole(OF_MATCHED)))).subquery("top")
        same = (column == top.c[str(column.key)] for column in source.row_key)
        rows = _columns_from(source, source.table.join(top, and_(*same)))
        rows = rows.where(source.where[0]).order_by(text(hole(OF_TOP)))
        return rows, facets_of(source, matched), found

    def _page(self, count: Expression) -> Select[Any]:
        """The page below, the total beside it; the subquery of the total runs only where the page is full."""
        rows = _columns_from(self._source, self._source.table).where(self._where)
        ordered = rows.order_by(text(hole(ORDER))) if self._form.ordered else rows
        page = self._cut(ordered)
        return self._with_total(_turned(page) if self._form.backwards else page, count)

    def _cut(self, rows: Select[Any]) -> Select[Any]:
        # A constant LIMIT lets a generic plan see that few rows are wanted; there are at most 100 of them.
        rows = rows.limit(literal_column(hole(LIMIT)))
        if not self._form.later:
            return rows
        offset: Expression = literal_column(hole(OFFSET))
        if self._form.counted:
            # For a plan that knows how far it is, sorting whole rows seems cheaper than an index; it takes five times as long.
            offset = select(offset).scalar_subquery()
        return rows.offset(offset)

    def _with_total(self, rows: Select[Any], count: Expression) -> Select[Any]:
        source = self._source
        page = rows.subquery("page")
        shown = _items(source, page) if source.item else select(*page.c)
        if source.knows_total:
            known = cast(bindparam(KNOWN_TOTAL, type_=BigInteger()), BigInteger())
            return shown.add_columns(known.label(TOTAL))
        if self._form.counted:
            return shown.add_columns(literal_column("NULL").label(TOTAL))
        size: Expression = literal_column(hole(LIMIT))
        is_partial: Condition = func.count().over() < size
        if source.item:
            # Beyond the end only the count tells the total.
            any_rows = func.count() > literal_column("0") if self._form.later else true()
            is_partial = and_(func.count() < size, any_rows)
        total = case((is_partial, literal_column("NULL")), else_=count)
        return shown.add_columns(total.label(TOTAL))


def _turned(rows: Select[Any]) -> Select[Any]:
    """The same rows, the last one first."""
    last = rows.subquery("last")
    return select(*last.c).order_by(func.row_number().over().desc())


@lru_cache(maxsize=512)
def skeletons(source: Source, form: Form) -> Skeletons:
    return Skeletons(source, form)


def _skeleton(statement: Select[Any]) -> Skeleton:
    return Skeleton(rendered(statement))


def _columns_from(source: Source, table: FromClause) -> Select[Any]:
    columns: Any = source.columns
    if source.prewritten is not None:
        columns = (source.prewritten.label(ITEMS), *columns)
    return select(*columns).select_from(table)


def _items(source: Source, page: Subquery) -> Select[Any]:
    """One row for the whole page; in the texts a property without a column is null."""
    rows: FromClause = page
    written: Expression
    if source.prewritten is not None:
        written = page.c[ITEMS]
    else:
        rows = page.join(select(*in_row(source.item, page.c)).correlate(page).lateral(ITEM), true())
        written = TEXT
    rest = (column for column in page.c if column.name not in (*source.item, ITEMS))
    return select(
        func.string_agg(written, literal_column("','")).label(ITEMS),
        func.count().label(COUNT),
        *(
            case((func.count(each) > literal_column("0"), func.array_agg(each))).label(each.name)
            for each in rest
        ),
        *source.once,
    ).select_from(rows)

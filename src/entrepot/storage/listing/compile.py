"""List requests as SQL for asyncpg: fixed texts, joined for each request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from entrepot.domain.listing.filters import Operator
from entrepot.domain.listing.request import ListRequest
from entrepot.kernel.recent import Recent
from entrepot.kernel.sql import Sql
from entrepot.storage.listing.arguments import argument, index_of
from entrepot.storage.listing.facets import FAILED, STRICT, apart
from entrepot.storage.listing.lowering import make_template
from entrepot.storage.listing.ordering import Term, order_by
from entrepot.storage.listing.predicates import either, is_blank, is_present, satisfies
from entrepot.storage.listing.search import search_condition, search_rank
from entrepot.storage.listing.skeletons import (
    LIMIT,
    OFFSET,
    ORDER,
    ORDERED,
    TERMS,
    TERMS_AGAIN,
    TOTAL,
    WHERE,
    Form,
    skeletons,
)
from entrepot.storage.listing.source import Source
from entrepot.storage.listing.template import (
    Clause,
    FieldClauses,
    FieldPlace,
    PremiumTemplate,
    SearchTemplate,
    Template,
)
from entrepot.storage.listing.values import any_value

DEEP = 2_000
"""Rows before a page from which on it is worth a statement to know first whether its rows are nearer to the end."""
_MOST_REMEMBERED = 16 * 2**20
_LARGEST = 64 * 2**10
_SMALLEST = 2_000
_BYTES_OF_A_VALUE = 300
_known: Recent[PreparedList] = Recent(_MOST_REMEMBERED)


class CompiledList:
    """The statement of one page and, for the rare page beyond the end, the count alone.

    `sql` gives the page's columns in order, and last `list_total`, which is NULL where the page itself tells the total.
    Where the source has facets, `list_facets` follows, JSON text in the first row; `facets` serves an empty page.
    Of a source with `item` it gives one row, whatever the page: ITEMS, COUNT, the columns that are no properties as arrays
    (NULL where they have nothing but NULL), what the source tells `once`, the total, the facets.
    `searches` tells whether it looks for substrings: see ReadyPool.anew.
    """

    def __init__(self, prepared: PreparedList, scope: Mapping[str, Any]) -> None:
        self._prepared = prepared
        self._scope = scope
        self.searches = prepared.searches
        self.offset = prepared.offset
        self.is_deep = prepared.is_deep
        self.sql, self.args = prepared.page(scope)

    def of(self, total: int) -> CompiledList:
        """The same page where the total is known; see PreparedList.of."""
        return self._prepared.of(total).bind(self._scope)

    @property
    def count(self) -> tuple[str, tuple[Any, ...]]:
        """The statement that gives the total alone, and its arguments."""
        return self._prepared.count(self._scope)

    @property
    def facets(self) -> tuple[str, tuple[Any, ...]]:
        """The same of the facets alone; for sources that have facets."""
        return self._prepared.facets(self._scope)

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
    return prepared_list(source, request).bind(scope)


class PreparedList:
    """A request as far as it can be written without the scope. Raises LookupError as `compile_list`."""

    def __init__(self, source: Source, request: ListRequest, total: int | None = None) -> None:
        self._template, self._values = make_template(source, request)
        self._source = source
        self._request = request
        self.searches = isinstance(self._template.search, SearchTemplate)
        self.offset = request.offset
        """How many matches come before the page."""
        self._backwards = total is not None and self._look_from_the_end(total)
        texts = self._texts()
        words = isinstance(self._template.search, PremiumTemplate)
        is_later, is_kept = self._template.offset is not None, _is_kept(source, self._template)
        self.is_deep = (
            self.offset >= DEEP
            and total is None
            and source.facets is None
            and not source.knows_total
            and bool(texts[ORDER])
        )
        """Whether the page is found sooner where the total is known: count first, then ask `of` it."""
        self._skeletons = skeletons(
            source, Form(words, bool(texts[ORDER]), is_later, is_kept, total is not None, self._backwards)
        )
        self._page = _Statement(self._skeletons.page.filled(texts))

    def of(self, total: int) -> PreparedList:
        """The same page of so many matches, from the end where that is nearer; its statement does not tell the total."""
        return PreparedList(self._source, self._request, total)

    def _look_from_the_end(self, total: int) -> bool:
        """Whether the page is nearer to the end; then it has as many rows, and as many come after it, as there are."""
        offset = self._template.offset
        rows = max(0, min(self._template.page_size, total - self.offset))
        after = max(0, total - self.offset - rows)
        if offset is None or after >= self.offset:
            return False
        self._template = replace(self._template, page_size=rows)
        self._values[offset.index] = after
        return True

    @property
    def size(self) -> int:
        """About how many bytes it takes."""
        return _SMALLEST + self._page.length + _BYTES_OF_A_VALUE * len(self._values)

    def page(self, scope: Mapping[str, Any]) -> tuple[str, tuple[Any, ...]]:
        """The statement of the page alone, which is all that a source with `item` needs. Raises KeyError as `bind`."""
        return self._page.bound(scope, self._values)

    def count(self, scope: Mapping[str, Any]) -> tuple[str, tuple[Any, ...]]:
        return _Statement(self._skeletons.count.filled(self._texts())).bound(scope, self._values)

    def facets(self, scope: Mapping[str, Any]) -> tuple[str, tuple[Any, ...]]:
        return _Statement(self._skeletons.facets.filled(self._texts())).bound(scope, self._values)

    def bind(self, scope: Mapping[str, Any]) -> CompiledList:
        """The SQL with these values of the source's named parameters. Raises KeyError for a missing one."""
        return CompiledList(self, scope)

    def _texts(self) -> dict[str, str]:
        """What fills the holes of the statements."""
        source, template = self._source, self._template
        order = _order(source, template)
        if self._backwards:
            order = [term.reversed() for term in order]
        filters = [_condition(source, tests) for tests in template.conditions]
        search = [] if template.search is None else [search_condition(source, template.search)]
        strict, failed = apart(template, filters)
        named = [f"{term.value} AS order_{number}" for number, term in enumerate(order)]
        return {
            WHERE: _all([*filters, *search]),
            STRICT: _all([*strict, *search]),
            FAILED: failed,
            ORDER: ", ".join(map(str, order)),
            TERMS: ", ".join(named),
            **{
                hole: ", ".join(f"{table}.order_{n} {term.direction}" for n, term in enumerate(order))
                for hole, table in ORDERED.items()
            },
            TERMS_AGAIN: ", ".join(f"matched.order_{number}" for number in range(len(order))),
            LIMIT: str(template.page_size),
            OFFSET: "" if template.offset is None else argument(template.offset),
        }


def prepared_list(source: Source, request: ListRequest) -> PreparedList:
    """The same as PreparedList, and the same object for a short request that was prepared of late.

    A list of many values is one statement with one of few: only what a query is made of takes room here.
    """
    # Neither is compared by what it holds. As long as they are held here, no others have their ids.
    key = (id(source), id(request))
    known = _known.get(key)
    if known is not None:
        return known
    prepared = PreparedList(source, request)
    if request.is_short and prepared.size <= _LARGEST:
        _known.keep(key, prepared, prepared.size)
    return prepared


class _Statement:
    def __init__(self, text: str) -> None:
        self._sql, names = Sql(text).numbered()
        self._parameters = tuple(name if (index := index_of(name)) is None else index for name in names)
        """For each $n: the index of a request's value, or the name of a scope value."""

    @property
    def length(self) -> int:
        return len(self._sql)

    def bound(self, scope: Mapping[str, Any], values: Sequence[Any]) -> tuple[str, tuple[Any, ...]]:
        return self._sql, tuple(
            values[each] if isinstance(each, int) else scope[each] for each in self._parameters
        )


def _all(conditions: Sequence[str]) -> str:
    return " AND ".join(conditions) or "true"


def _is_kept(source: Source, template: Template) -> bool:
    """Whether the total is: nothing is looked for but what the source's kept totals are told apart by."""
    if source.totals is None or template.search is not None:
        return False
    places = (test.place for tests in template.conditions for test in tests)
    return all(place is None or place.path.name in source.totals.names for place in places)


def _order(source: Source, template: Template) -> list[Term]:
    search = template.search
    rank = [Term(search_rank(source, search))] if search and search.ranked and search.searched else []
    lead = [Term(each) for each in source.lead_values] if template.lead else []
    return [*rank, *lead, *order_by(source, template.order)]


def _condition(source: Source, tests: tuple[FieldClauses, ...]) -> str:
    """One filter: at least one of its clauses holds."""
    return either(
        [_clause(source, test.place, clause) for test in tests if test.place for clause in test.clauses]
    )


def _clause(source: Source, place: FieldPlace, clause: Clause) -> str:
    """One clause over all values of the field: any may satisfy it, and none may if it is negated (FLT-6, FLT-8)."""
    if clause.operator is Operator.PRESENT:
        condition = any_value(source, place, is_present)
        return f"(NOT ({condition}))" if clause.negated else condition
    if clause.operator is Operator.EMPTY:
        condition = f"NOT ({any_value(source, place, is_present)}) OR {any_value(source, place, is_blank)}"
    else:
        condition = any_value(source, place, lambda value, kind: satisfies(value, kind, clause))
    return f"(({condition}) IS NOT TRUE)" if clause.negated else f"({condition})"

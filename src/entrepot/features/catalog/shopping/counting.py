"""How a list of a shopper's products comes to its total and its facets: from the index, or remembered, or counted by its page."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from functools import partial
from typing import Any, Protocol

from prometheus_client import Counter as PrometheusCounter

from entrepot.domain.catalog.index.counts import Order
from entrepot.domain.listing.request import ListRequest
from entrepot.engine.call import Call
from entrepot.features.catalog.audience.memory import AudienceMemory, StaleAudienceError
from entrepot.features.catalog.audience.shopper import Shopper, array_text
from entrepot.features.catalog.product_index.indexes import ProductIndexes
from entrepot.features.catalog.shopping.indexed import Asked, Chosen
from entrepot.features.catalog.shopping.sources import Form
from entrepot.features.people.services import services
from entrepot.storage.listing.fetch import ItemPage

ANSWERED = PrometheusCounter(
    "entrepot_product_lists", "Lists of shoppers' products, by what counted them", ("by",)
)
_BY_INDEX, _BY_DATABASE, _REMEMBERED = (ANSWERED.labels(by) for by in ("index", "database", "memory"))


USUAL_PAGE = 30
"""Larger pages are not remembered."""
_RESULT_BYTES = 1_000
"""What is remembered of a list takes so much beside its own texts."""


class Counted(Protocol):
    @property
    def scope(self) -> dict[str, Any]:
        """The values of the parameters that `form` adds."""

    def form(self, form: Form) -> Form:
        """How the list is to be written."""

    def page(self, key: Hashable | None) -> str | None:
        """The numbers of the products of a page that is remembered under the key, or known without it, as the text of an array."""

    @property
    def is_remembered(self) -> bool:
        """Whether they are as of an earlier statement."""

    async def of(self, page: ItemPage, key: Hashable | None) -> tuple[int, str]:
        """Total and facets as of a page, which is remembered under the key."""


class Indexed:
    """From the index. key: of the result; order: what tells whether pages are the same."""

    def __init__(self, call: Call, query: Asked, request: ListRequest, key: Hashable, order: Order) -> None:
        self._call = call
        self._request = request
        self._query = query
        self._key = key
        self._order = order
        self._chosen: Chosen | None = None
        self._is_kept = False

    @property
    def scope(self) -> dict[str, Any]:
        chosen = {} if self._chosen is None else {"numbers": self._chosen.numbers}
        return self._query.scope | {"known_total": 0} | chosen

    @property
    def is_remembered(self) -> bool:
        return False

    def form(self, form: Form) -> Form:
        form = replace(form, indexed=True, tells=self._query.tells)
        if self._chosen is None or form.named:
            return form
        if form.placed and not self._chosen.placed:
            # In their usual order, then, as long as none of them gets a place.
            self._chosen = replace(self._chosen, order=Order.NOTHING)
        return replace(form, chosen=True, few=False, placed=form.placed and self._chosen.placed)

    def page(self, key: Hashable | None) -> str | None:
        kept = None if key is None else self._query.page(key, self._order)
        if kept is not None:
            self._is_kept = True
            return kept
        self._chosen = chosen = self._query.choose(self._request)
        return chosen.numbers if chosen is not None and chosen.sure else None

    async def of(self, page: ItemPage, key: Hashable | None) -> tuple[int, str]:
        query, chosen = self._query, self._chosen
        as_of = await query.learn(self._call, page.row)
        order = self._order if self._is_kept else None if chosen is None else chosen.order
        if order is not None and not query.stands(order, as_of):
            # What was looked up has changed before the page was read.
            raise StaleAudienceError
        if not self._is_kept and key is not None and 0 < page.count <= USUAL_PAGE:
            known = None if chosen is None or not chosen.sure else chosen.numbers
            query.keep_page(key, known or array_text(page.row["_number"]), as_of)
        _BY_INDEX.inc()
        return await query.answer(self._call, self._key, as_of)


class CountedBySql:
    """Without an index. key: of the result, None where it is not to be remembered."""

    def __init__(self, call: Call, shopper: Shopper, request: ListRequest, key: Hashable | None) -> None:
        self._call = call
        self._memory = services(call).memory(AudienceMemory)
        self._found = partial(self._memory.found, call, shopper, searched=bool(request.search))
        self._keep = partial(self._memory.keep_found, call, shopper, searched=bool(request.search))
        self._key = key
        self._known: tuple[int, str] | None = None if key is None else self._found(key)
        self._is_kept = False

    @property
    def scope(self) -> dict[str, Any]:
        return {"known_total": None if self._known is None else self._known[0]}

    @property
    def is_remembered(self) -> bool:
        return self._known is not None

    def form(self, form: Form) -> Form:
        return replace(form, known=self._known is not None)

    def page(self, key: Hashable | None) -> str | None:
        found: str | None = None if self._known is None or key is None else self._found(key)
        self._is_kept = found is not None
        return found

    async def of(self, page: ItemPage, key: Hashable | None) -> tuple[int, str]:
        total, facets = (page.total, page.facets) if self._known is None else self._known
        if page.count and not self._is_kept:
            epoch, numbers = page.row["_catalog_epoch"], page.row["_number"]
            if self._known is None and self._key is not None:
                self._keep(self._key, (total, facets), epoch=epoch, size=_RESULT_BYTES + len(facets))
            if key is not None and page.count <= USUAL_PAGE:
                self._keep(key, array_text(numbers), epoch=epoch, size=2 * _RESULT_BYTES)
        (_BY_DATABASE if self._known is None else _REMEMBERED).inc()
        services(self._call).memory(ProductIndexes).want(self._call, total)
        return total, facets

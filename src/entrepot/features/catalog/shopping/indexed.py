"""What lists of a shopper's products ask of the index (ADR 0020)."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
import sqlalchemy as sa

from entrepot.declare.feeds import Feed
from entrepot.domain.catalog.index.conditions import ALWAYS, All, AnyOf, Condition, Either, Not, selected
from entrepot.domain.catalog.index.counts import Order
from entrepot.domain.catalog.index.history import Past
from entrepot.domain.catalog.index.questions import Question, Sight
from entrepot.domain.catalog.index.ranking import Ranking, foremost
from entrepot.domain.catalog.index.vocabulary import Flag, Vocabulary
from entrepot.domain.listing.request import ListRequest
from entrepot.engine.call import Call
from entrepot.engine.catalog_log import CHANGES_SINCE
from entrepot.engine.lists import scalar
from entrepot.features.catalog.audience.kinds import TokenKind, token
from entrepot.features.catalog.audience.memory import StaleAudienceError
from entrepot.features.catalog.audience.shopper import Audience, Tokens, array_text
from entrepot.features.catalog.product_index.asking import UnknownError, UnknownWordsError, asked, ranking
from entrepot.features.catalog.product_index.facet_text import IN_ORDER
from entrepot.features.catalog.product_index.following import CHANGED, follow, take
from entrepot.features.catalog.product_index.indexes import ProductIndexes
from entrepot.features.catalog.product_index.live import (
    BehindError,
    ForgottenError,
    LiveIndex,
    UnknownOrderError,
)
from entrepot.features.catalog.product_index.reading import HELD
from entrepot.features.catalog.products.resources import PRODUCT
from entrepot.features.people.services import services
from entrepot.storage.listing.premium import LETTERS

NO_CATALOG = ""
"""Names none: nothing is seen there."""
MOST_MATCHES = 2_000
"""Matches that a page is sorted from by the database when it is told which they are; more are faster found along an index."""
MOST_RANKED = 600
"""The same of a search, whose matches it ranks."""
WEIGHTS = dict(zip(PRODUCT.text.names, LETTERS, strict=False)) if PRODUCT.text else {}
COLUMNS = (
    scalar(CHANGES_SINCE, sa.Text()).label("_index_changes"),
    scalar(CHANGED, sa.Text()).label("_index_products"),
)
"""What a page tells the index once, where it tells what has changed. Parameters: `Asked.scope`."""
_ACTIVE, _PLACED = (AnyOf(frozenset({int(flag)})) for flag in (Flag.ACTIVE, Flag.PLACED))


@dataclass(frozen=True, slots=True)
class Chosen:
    """The numbers of products as the text of an array, and what tells whether they are still those to be chosen. placed: whether any of them has a
    place of its own in a category; sure: whether they are the page itself, in its order.
    """

    numbers: str
    order: Order
    placed: bool = False
    sure: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that the index answers as of a page. known: the epoch that it had when the page was sent; version: that of
    the terms that the question is made of; tells: whether the page tells what has changed, or only whether anything has.
    """

    live: LiveIndex
    known: int
    version: int
    audience: Audience
    catalog: str | None
    question: Question
    ranking: Ranking | None
    tells: bool

    @property
    def scope(self) -> dict[str, Any]:
        """The values of the parameters of COLUMNS."""
        return {"known_epoch": self.known, "ways": self.live.ways}

    @property
    def visible(self) -> int:
        """How many products the shopper sees, wherever in the catalog."""
        return len(self.live.seen(self.audience, self.catalog, self.question.sight))

    def page(self, key: Hashable, order: Order) -> str | None:
        """The numbers of the products of a page that is remembered, as the text of an array."""
        return self.live.page(self.audience, key, self.question, order)

    def choose(self, request: ListRequest) -> Chosen | None:
        """The products that a page has to be sorted from, or is; None where these are many."""
        index = self.live.index
        numbers = index.numbers
        found = self.live.matches(self.audience, self.catalog, self.question)
        if self.ranking is not None:
            first = foremost(self.ranking, index, found, request.offset + request.page_size, MOST_RANKED)
            if first is not None:
                slots = first.slots[request.offset :] if first.sure else first.slots
                return Chosen(array_text(numbers[slot] for slot in slots), Order.MARK, sure=first.sure)
        most = MOST_RANKED if request.search and not request.sort_by else MOST_MATCHES
        if len(found) > most:
            return None
        placed = bool(selected(_PLACED, index.postings, found))
        return Chosen(array_text(numbers[slot] for slot in found), Order.NONE, placed)

    def stands(self, order: Order, page: Past) -> bool:
        """Whether the matches are at the page as they were when it was sent, whatever has come since."""
        return self.live.stands(self.known, self.question, order, page)

    def keep_page(self, key: Hashable, products: str, page: Past) -> None:
        """Remember a page, unless the index has gone on since."""
        if not page.changed:
            self.live.keep_page(self.audience, key, products)

    async def learn(self, call: Call, row: asyncpg.Record) -> Past:
        """What the page tells; the products as of the page. No statement, but one where it only tells that there is something.
        Raises StaleAudienceError where the list is to be asked again.
        """
        indexes = services(call).memory(ProductIndexes)
        if indexes.of(call) is not self.live:
            raise StaleAudienceError
        try:
            if self.tells:
                page = take(self.live, self.known, row["_index_changes"], row["_index_products"])
            elif row["_catalog_epoch"] == self.known:
                page = self.live.learn(self.known, self.known, {})
            else:
                # The next pages tell it themselves.
                self.live.moves()
                await follow(self.live, call.marketplace_id, call.db)
                raise StaleAudienceError
        except BehindError:
            indexes.behind(call)
            raise StaleAudienceError from None
        except ForgottenError:
            raise StaleAudienceError from None
        if self.live.index.vocabulary.version != self.version:
            # The question may mean terms that there were none of when it was asked.
            raise StaleAudienceError
        return page

    async def answer(self, call: Call, key: Hashable, page: Past) -> tuple[int, str]:
        """Total and facets as of the page. No statement, but one where values have come that were never sorted."""
        live = self.live
        try:
            return live.counts(self.audience, self.catalog, key, self.question, page)
        except UnknownOrderError as unknown:
            order = await call.db.fetchval(IN_ORDER, unknown.texts)
        live.sort([*order, *(text for text in live.texts() if text not in set(order))])
        return live.counts(self.audience, self.catalog, key, self.question, page)


def ask(
    call: Call,
    audience: Audience,
    request: ListRequest,
    catalog: str | None,
    placed: Condition | None = None,
) -> Asked | None:
    """The question of a list; None where PostgreSQL has to count. catalog: None for all; placed: where in its tree."""
    indexes = services(call).memory(ProductIndexes)
    live = indexes.of(call)
    key = None if catalog is None else catalog.lower()
    # A unit that writes, or a moment that has passed, has another catalog than the index.
    alone = call.steady or call.wrote(Feed.CATALOG)
    if live is None or alone or (key not in (None, NO_CATALOG) and key not in audience.catalogs):
        return None
    sight = live.sight(audience, key, lambda vocabulary: _sight(audience, key, vocabulary))
    try:
        question = asked(live, request, WEIGHTS, sight, ALWAYS if placed is None else placed)
        ranked = ranking(live, request, WEIGHTS) if placed is None else None
    except UnknownWordsError as unknown:
        indexes.read(call, unknown.words)
        return None
    except UnknownError:
        return None
    version = live.index.vocabulary.version
    return Asked(live, live.epoch, version, audience, key, question, ranked, live.is_moving)


def within(live: LiveIndex, categories: Sequence[int]) -> Condition:
    """That a product is in one of the categories of these numbers, all of them active, itself or by its parent."""
    tokens = [token(number, TokenKind.IN_CATEGORY) for number in categories]
    tokens += [number * 8 + HELD for number in categories]
    return AnyOf(live.index.vocabulary.tokens(tokens))


def _sight(audience: Audience, catalog: str | None, vocabulary: Vocabulary) -> Sight:
    return Sight(
        _by_tokens(audience.tokens(catalog), vocabulary), _by_tokens(audience.tokens(None), vocabulary)
    )


def _by_tokens(tokens: Tokens, vocabulary: Vocabulary) -> Condition:
    """As visible.ITSELF."""
    inside, sure, listed, hidden, shown = (
        AnyOf(vocabulary.tokens(each))
        for each in (tokens.inside, tokens.sure, tokens.listed, tokens.hidden, tokens.shown)
    )
    return All((_ACTIVE, inside, Either((sure, All((listed, Either((Not(hidden), shown))))))))

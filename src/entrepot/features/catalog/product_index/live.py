"""An index that answers: brought up to date by what pages tell, with what was counted of late."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass

from pyroaring import BitMap

from entrepot.domain.catalog.index.counts import Counts, Order, counted, matching, moved, unmoved
from entrepot.domain.catalog.index.history import Past
from entrepot.domain.catalog.index.index import IndexedProduct, ProductIndex
from entrepot.domain.catalog.index.postings import size_of
from entrepot.domain.catalog.index.questions import Question, Sight, brought, visible
from entrepot.domain.catalog.index.vocabulary import Vocabulary
from entrepot.domain.listing.fields import FieldKind, FieldPath
from entrepot.features.catalog.product_index.definitions import Facet
from entrepot.features.catalog.product_index.facet_text import facet_text
from entrepot.kernel.recent import Recent

MOST_UNORDERED = 2_000
"""Products that are new or have another ID, beyond which the index is built anew."""
MOST_MOVED = 100
"""Changed products by which something remembered is brought up to date, some 50 us each."""
MOST_SIGHTS = 1_000
MOST_WALKS = 2_000
"""Parts of trees whose categories are remembered."""
XP = "xp"
_BYTES_OF_COUNTS = 1_000
_BYTES_OF_A_VALUE = 250


MOVING_SECONDS = 2.0
"""How long after a change pages expect another one."""


class BehindError(Exception):
    """The index cannot follow at once: lists wait until it has, or PostgreSQL counts."""


class ForgottenError(Exception):
    """A page is older than what the index knows of the past."""


class UnknownOrderError(Exception):
    """Values have come that the database has not sorted yet."""

    def __init__(self, texts: list[str]) -> None:
        self.texts = texts
        super().__init__("texts to be sorted")


@dataclass(slots=True)
class _Seen:
    audience: object
    products: BitMap
    epoch: int


@dataclass(slots=True)
class _Page:
    audience: object
    products: str
    epoch: int


@dataclass(slots=True)
class _Counted:
    audience: object
    counts: Counts
    epoch: int
    text: str | None = None


class LiveIndex:
    """The index of one marketplace in this process.

    size: bytes of the index itself; as many again may be remembered beside. What is remembered holds the audience that it
    is about, so that no other has its id.
    """

    def __init__(
        self, index: ProductIndex, facets: tuple[Facet, ...], size: int, order: dict[str, int]
    ) -> None:
        self.index = index
        self.facets = facets
        self.size = 2 * size
        self.order = order
        self.lexemes: dict[str, tuple[str | None, str | None]] = {}
        """What becomes of words in searches, without and with their stems: one lexeme, or None where it is none or several."""
        self._changed_at = -MOVING_SECONDS
        self.ready = asyncio.Event()
        """That it answers: not while it is brought up to date in pieces."""
        self._room = size // 4
        index.sequences.keep_phrases(self._room)
        self._sights: Recent[tuple[object, int, Sight]] = Recent(MOST_SIGHTS)
        self._seen: Recent[_Seen] = Recent(self._room)
        self.restructure(facets)

    @property
    def epoch(self) -> int:
        return self.index.epoch

    @property
    def is_worn(self) -> bool:
        """Whether it would be better built anew."""
        return len(self.index.unordered) > MOST_UNORDERED

    @property
    def is_moving(self) -> bool:
        """Whether it has changed a moment ago, so that the next page will have something to tell."""
        return time.monotonic() - self._changed_at < MOVING_SECONDS

    def moves(self) -> None:
        """Note that there is a change."""
        self._changed_at = time.monotonic()

    def place_of(self, path: FieldPath) -> int | None:
        """The place of the facet whose path this is."""
        return self._places.get(path.xp_keys) if path.kind is FieldKind.XP and path.name == XP else None

    def learn(self, known: int, epoch: int, changed: Mapping[int, IndexedProduct | None]) -> Past:
        """What a page tells: how the products that have changed from `known` to `epoch` are. Gives all products as of the page.

        Raises ForgottenError where the page is older than what is still known.
        """
        index = self.index
        if epoch >= index.epoch:
            if epoch > index.epoch:
                self.moves()
                index.apply(epoch, changed)
            return index.now()
        past = index.at(known, changed)
        if past is None:
            raise ForgottenError
        return past

    def sight(self, audience: object, where: Hashable, make: Callable[[Vocabulary], Sight]) -> Sight:
        """What an audience sees as a condition; made anew where there are new terms."""
        key, vocabulary = (id(audience), where), self.index.vocabulary
        known = self._sights.get(key)
        if known is not None and known[1] == vocabulary.version:
            return known[2]
        sight = make(vocabulary)
        self._sights.keep(key, (audience, vocabulary.version, sight))
        return sight

    def seen(self, audience: object, where: Hashable, sight: Sight) -> BitMap:
        """The products that an audience sees now; not to be changed."""
        key, index = (id(audience), where), self.index
        known = self._seen.get(key)
        since = None if known is None else self._since(known.epoch)
        if known is None or since is None:
            known = _Seen(audience, visible(sight, index), index.epoch)
            self._seen.keep(key, known, size_of(known.products))
        elif known.epoch != index.epoch:
            brought(known.products, sight, index, since)
            known.epoch = index.epoch
        return known.products

    def matches(self, audience: object, where: Hashable, question: Question) -> BitMap:
        """The slots of all matches now."""
        return matching(question, self.index, self.seen(audience, where, question.sight))

    def page(self, audience: object, key: Hashable, question: Question, order: Order) -> str | None:
        """The products of a page that was kept and is the same now, as they were given."""
        known = self._pages.get((id(audience), key))
        if known is None:
            return None
        if known.epoch != self.index.epoch:
            if not self.stands(known.epoch, question, order, self.index.now()):
                return None
            known.epoch = self.index.epoch
        return known.products

    def stands(self, epoch: int, question: Question, order: Order, page: Past) -> bool:
        """Whether the matches are at a page as they were at an epoch that the index had."""
        since = self._since(epoch)
        return since is not None and unmoved(question, self.index, order, since=since, until=page)

    def keep_page(self, audience: object, key: Hashable, products: str) -> None:
        """Keep a page as of now: the numbers of its products, as the text of an array."""
        size = _BYTES_OF_COUNTS + len(products)
        self._pages.keep((id(audience), key), _Page(audience, products, self.index.epoch), size)

    def counts(
        self, audience: object, where: Hashable, key: Hashable, question: Question, page: Past
    ) -> tuple[int, str]:
        """Total and facets of a question as of a page. Raises UnknownOrderError."""
        known = self._current(audience, where, (id(audience), key), question)
        if page.changed:
            counts = moved(
                known.counts, question, self._always, self.index, since=self.index.now(), until=page
            )
            return counts.total, self._text(counts)
        if known.text is None:
            known.text = self._text(known.counts)
        return known.counts.total, known.text

    def restructure(self, facets: tuple[Facet, ...]) -> None:
        """Take other definitions of the same paths, and forget what depends on trees of categories."""
        self.facets = facets
        self.ways = [facet.way for facet in facets]
        """Their jsonpaths, as statements read products by them."""
        self._places = {tuple(facet.path.split(".")): place for place, facet in enumerate(facets)}
        self._always = frozenset(
            place for place, facet in enumerate(facets) if facet.least is not None and facet.least <= 0
        )
        self._counted: Recent[_Counted] = Recent(self._room)
        self._pages: Recent[_Page] = Recent(self._room)
        self.walks: Recent[tuple[int, ...]] = Recent(MOST_WALKS)

    def sort(self, texts: Iterable[str]) -> None:
        """Take these texts, all that there are, in the order of the database."""
        self.order = {text: place for place, text in enumerate(texts)}

    def texts(self) -> list[str]:
        """All texts of values."""
        vocabulary = self.index.vocabulary
        return sorted({text for place in vocabulary.places for text in vocabulary.texts(place)})

    def _since(self, epoch: int) -> Past | None:
        """The products as of an epoch that the index had; None where so much has changed since that it is faster to begin anew."""
        past = self.index.at(epoch)
        return None if past is None or len(past.changed) > MOST_MOVED else past

    def _current(self, audience: object, where: Hashable, key: Hashable, question: Question) -> _Counted:
        index = self.index
        known = self._counted.get(key)
        since = None if known is None else self._since(known.epoch)
        if known is None or since is None:
            seen = self.seen(audience, where, question.sight)
            counts = counted(question, self._always, index, seen)
            known = _Counted(audience, counts, index.epoch)
            self._counted.keep(key, known, _BYTES_OF_COUNTS + _BYTES_OF_A_VALUE * len(counts.values))
        elif known.epoch != index.epoch:
            counts = moved(known.counts, question, self._always, index, since=since, until=index.now())
            if counts is not known.counts and counts != known.counts:
                known.counts, known.text = counts, None
            known.epoch = index.epoch
        return known

    def _text(self, counts: Counts) -> str:
        try:
            return facet_text(self.facets, counts, self.order)
        except KeyError:
            raise UnknownOrderError(self.texts()) from None

"""Which matches of a search come first (SRCH-4): chosen over bitmaps, so that only those are ranked."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, product

from pyroaring import BitMap

from entrepot.domain.catalog.index.conditions import Condition, selected
from entrepot.domain.catalog.index.index import ProductIndex

MOST_TERMS = 4
"""Terms of a search; each has three places where it may be found."""
MOST_PHRASES = 10_000
"""Products that are looked at for a phrase, some microseconds each."""


@dataclass(frozen=True, slots=True)
class Found:
    """That a word, or its stem, is in a prominent field that is searched; in any field that is."""

    prominent: Condition
    anywhere: Condition


@dataclass(frozen=True, slots=True)
class Ranking:
    """A search that ranks. words: as typed, which make the phrase; sequence: their numbers in the lexicon; fields: which of
    the prominent fields are searched; beyond: whether others are, too; terms: what is searched for.
    """

    words: tuple[Found, ...]
    sequence: tuple[int, ...]
    fields: tuple[int, ...]
    beyond: bool
    terms: tuple[Found, ...]


def foremost(
    ranking: Ranking, index: ProductIndex, matches: BitMap, count: int, most: int
) -> list[int] | None:
    """Slots of products among which are the first `count` matches by rank and then by ID; None where `most` are too few, or
    the search is too long.
    """
    if len(ranking.terms) > MOST_TERMS:
        return None
    groups = _by_phrase(ranking, index, matches)
    if groups is None:
        return None
    above, perhaps, others = groups
    chosen = _Choice(index, count)
    for certain in above:
        chosen.take(ranking.terms, certain)
    if not chosen.is_full:
        # Whether these have the phrase in another field is not known: all of them may come first.
        if len(perhaps) > most:
            return None
        chosen.slots |= perhaps
        chosen.take(ranking.terms, others)
    return list(chosen.slots) if len(chosen.slots) <= most else None


def _by_phrase(
    ranking: Ranking, index: ProductIndex, matches: BitMap
) -> tuple[list[BitMap], BitMap, BitMap] | None:
    """Matches in whose fields the phrase is found, in order; those where it may be found; the others."""
    postings = index.postings
    if len(ranking.words) == 1:
        above = selected(ranking.words[0].prominent, postings, matches)
        within = selected(ranking.words[0].anywhere, postings, matches) - above
        return [above, within], BitMap(), matches - above - within
    held, prominent = matches, matches
    for word in ranking.words:
        held = selected(word.anywhere, postings, held)
        prominent = selected(word.prominent, postings, prominent)
    if len(prominent) > MOST_PHRASES:
        return None
    sequence = array("I", ranking.sequence)
    above = BitMap(slot for slot in prominent if index.has_phrase(slot, sequence, ranking.fields))
    perhaps = held - above if ranking.beyond else BitMap()
    return [above], perhaps, matches - above - perhaps


class _Choice:
    """The first of what is taken, class by class."""

    def __init__(self, index: ProductIndex, count: int) -> None:
        self.slots = BitMap()
        self._index = index
        self._missing = count

    @property
    def is_full(self) -> bool:
        return self._missing <= 0

    def take(self, terms: tuple[Found, ...], among: BitMap) -> None:
        """Further matches of equal place, by how many of the terms they have."""
        for graded in _graded(terms, self._index, among):
            if self.is_full:
                return
            unordered = graded & self._index.unordered
            ordered = graded - unordered
            self.slots |= unordered
            if len(ordered) > self._missing:
                ordered = BitMap(ordered[: self._missing])
            self.slots |= ordered
            self._missing -= len(ordered)


def _graded(terms: tuple[Found, ...], index: ProductIndex, among: BitMap) -> Iterator[BitMap]:
    """Those with more terms first, then with more in prominent fields."""
    split = [_split(found, index, among) for found in terms]
    ways = sorted(product(range(3), repeat=len(terms)), key=_grade)
    for _, same in groupby(ways, key=_grade):
        graded = BitMap()
        for way in same:
            part = among
            for places, place in zip(split, way, strict=True):
                part = part & places[place]
            graded |= part
        yield graded


def _grade(way: tuple[int, ...]) -> tuple[int, int]:
    """The less the better: terms that are found nowhere, then those that are found in no prominent field."""
    return way.count(_NOWHERE), way.count(_ELSEWHERE)


_ELSEWHERE, _NOWHERE = 1, 2


def _split(found: Found, index: ProductIndex, among: BitMap) -> tuple[BitMap, BitMap, BitMap]:
    """Those that have a term in a prominent field, elsewhere, nowhere."""
    prominent = selected(found.prominent, index.postings, among)
    anywhere = selected(found.anywhere, index.postings, among)
    return prominent, anywhere - prominent, among - anywhere

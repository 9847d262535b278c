"""Which matches of a search come first (SRCH-4): chosen over bitmaps, so that only those are read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby, islice, product

from pyroaring import BitMap

from entrepot.domain.catalog.index.conditions import Condition, selected
from entrepot.domain.catalog.index.index import ProductIndex

MOST_TERMS = 4
"""Terms of a search; each has three places where it may be found."""
MOST_PHRASES = 10_000
"""Products that are looked at for a phrase at once, half a microsecond each."""


@dataclass(frozen=True, slots=True)
class Found:
    """That a word, or its stem, is in a prominent field that is searched; in any field that is."""

    prominent: Condition
    anywhere: Condition


@dataclass(frozen=True, slots=True)
class Ranking:
    """A search that ranks. words: as typed, which make the phrase; sequence: their numbers in the lexicon; prominent, others: the
    fields that are searched; terms: what is searched for.
    """

    words: tuple[Found, ...]
    sequence: tuple[int, ...]
    prominent: tuple[int, ...]
    others: tuple[int, ...]
    terms: tuple[Found, ...]


@dataclass(slots=True)
class Foremost:
    """Slots of products among which are the first matches, by rank and then by ID. sure: whether these are the first matches and
    nothing else, in their order.
    """

    slots: list[int] = field(default_factory=list)
    sure: bool = True

    def take(self, terms: tuple[Found, ...], index: ProductIndex, among: BitMap, count: int) -> int:
        """Further matches of equal place, by how many of the terms they have, until `count` are taken; how many are missing then."""
        for graded in _graded(terms, index, among):
            if count <= 0:
                break
            unordered = graded & index.unordered
            ordered = list(islice(graded - unordered, count))
            self.slots += [*unordered, *ordered]
            self.sure = self.sure and not unordered
            count -= len(ordered)
        return count


def foremost(
    ranking: Ranking, index: ProductIndex, matches: BitMap, count: int, most: int
) -> Foremost | None:
    """The first `count` matches; None where only `most` and more are sure to hold them, or the search is too long."""
    if len(ranking.terms) > MOST_TERMS:
        return None
    groups = _by_phrase(ranking, index, matches, count)
    if groups is None:
        return None
    perhaps, *places = groups
    # Whether these have the phrase is not known: each of them may come first.
    found = Foremost(list(perhaps), sure=not perhaps)
    for among in places:
        count = found.take(ranking.terms, index, among, count)
    return found if found.sure or len(found.slots) <= most else None


def _by_phrase(ranking: Ranking, index: ProductIndex, matches: BitMap, count: int) -> list[BitMap] | None:
    """Matches of which it is not told whether they have the phrase, and the others: those that have it in a prominent field; those
    that have it elsewhere; the rest. Where the first are enough, no others. None where too many are to be looked at.
    """
    prominent, held = matches, matches
    for word in ranking.words:
        prominent = selected(word.prominent, index.postings, prominent)
        held = selected(word.anywhere, index.postings, held)
    if len(ranking.words) == 1:
        return [BitMap(), prominent, held - prominent, matches - held]
    sequences = index.sequences
    untold = held & _united(sequences.untold, (*ranking.prominent, *ranking.others))
    if len(prominent) > MOST_PHRASES:
        return None
    found = sequences.having(prominent, ranking.sequence)
    above = _united(found, ranking.prominent)
    if len(above) >= count:
        return [untold - above, above]
    elsewhere = held - prominent
    if len(elsewhere) > MOST_PHRASES:
        return None
    found_there = sequences.having(elsewhere, ranking.sequence)
    within = _united(found, ranking.others) | _united(found_there, ranking.others)
    perhaps = untold - above
    within -= above | perhaps
    return [perhaps, above, within, matches - above - within - perhaps]


def _united(by_field: Sequence[BitMap], fields: Iterable[int]) -> BitMap:
    return BitMap.union(BitMap(), *(by_field[each] for each in fields))


def _graded(terms: tuple[Found, ...], index: ProductIndex, among: BitMap) -> Iterator[BitMap]:
    """Those with more terms first, then with more in prominent fields."""
    split = [_split(found, index, among) for found in terms]
    for same in _ways(len(terms)):
        graded = BitMap()
        for way in same:
            part = among
            for places, place in zip(split, way, strict=True):
                part = part & places[place]
            graded |= part
        yield graded


@cache
def _ways(terms: int) -> tuple[tuple[tuple[int, ...], ...], ...]:
    """Where so many terms may be found, the best ways first, those that are as good together."""
    ways = sorted(product(range(3), repeat=terms), key=_grade)
    return tuple(tuple(same) for _, same in groupby(ways, key=_grade))


def _grade(way: tuple[int, ...]) -> tuple[int, int]:
    """The less the better: terms that are found nowhere, then those that are found in no prominent field."""
    return way.count(_NOWHERE), way.count(_ELSEWHERE)


_ELSEWHERE, _NOWHERE = 1, 2


def _split(found: Found, index: ProductIndex, among: BitMap) -> tuple[BitMap, BitMap, BitMap]:
    """Those that have a term in a prominent field, elsewhere, nowhere."""
    prominent = selected(found.prominent, index.postings, among)
    anywhere = selected(found.anywhere, index.postings, among)
    return prominent, anywhere - prominent, among - anywhere

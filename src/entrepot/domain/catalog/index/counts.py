"""The total and the facets of a question: counted over bitmaps once, then moved by the products that have changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum

from pyroaring import BitMap

from entrepot.domain.catalog.index.conditions import Condition, holds, selected
from entrepot.domain.catalog.index.history import Past
from entrepot.domain.catalog.index.index import ProductIndex
from entrepot.domain.catalog.index.questions import Question, affected, sees
from entrepot.domain.catalog.index.rows import Row

Found = tuple[int, str]
"""A value's text at the facet in a place."""


@dataclass(slots=True)
class Counts:
    """values: how many matches have a value at a facet's path; offered: the same of all products in scope, whatever the
    filters and the search, for facets that show values without matches (FAC-4).
    """

    total: int = 0
    values: Counter[Found] = field(default_factory=Counter)
    offered: Counter[Found] = field(default_factory=Counter)


def counted(question: Question, always: frozenset[int], index: ProductIndex, visible: BitMap) -> Counts:
    """Of all products that are visible now. always: places of facets that show values without matches, too.

    Its cost grows with the number of values of all facets.
    """
    scope = selected(question.placed, index.postings, visible)
    strict = _all_selected(question.strict, index, scope)
    own = {place: _all_selected(conditions, index, strict) for place, conditions in question.own.items()}
    found = Counts(len(_intersection(strict, own.values())))
    for place in index.vocabulary.places:
        others = (each for other, each in own.items() if other != place)
        found.values.update(_values(index, place, _intersection(strict, others)))
        if place in always:
            found.offered.update(_values(index, place, scope))
    return found


def matching(question: Question, index: ProductIndex, visible: BitMap) -> BitMap:
    """The slots of all matches."""
    conditions = (question.placed, *question.strict, *(each for own in question.own.values() for each in own))
    return _all_selected(conditions, index, visible)


class Order(Enum):
    """What tells whether a match that has changed still stands where it stood."""

    MARK = "its mark"
    NOTHING = "nothing"
    NONE = "there is no order"


def unmoved(question: Question, index: ProductIndex, order: Order, *, since: Past, until: Past) -> bool:
    """Whether the matches are the same at one time as at another, and in the same order."""
    for slot in affected(index, (*since.changed, *until.changed)):
        old, new = since.row(slot), until.row(slot)
        had, has = _matches(question, old, since), _matches(question, new, until)
        if had != has or (has and not _stands(old, new, order)):
            return False
    return True


def moved(
    counts: Counts,
    question: Question,
    always: frozenset[int],
    index: ProductIndex,
    *,
    since: Past,
    until: Past,
) -> Counts:
    """What was counted at one time as of another."""
    changed = affected(index, (*since.changed, *until.changed))
    if not changed:
        return counts
    moved = Counts(counts.total, counts.values.copy(), counts.offered.copy())
    for past, sign in ((since, -1), (until, 1)):
        for slot in changed:
            row = past.row(slot)
            if row is not None:
                _count(moved, sign, question, always, index, row, past)
    return moved


def _stands(old: Row | None, new: Row | None, order: Order) -> bool:
    if order is Order.MARK:
        return old is not None and new is not None and old.mark == new.mark
    return order is Order.NONE


def _matches(question: Question, row: Row | None, past: Past) -> bool:
    conditions = (question.placed, *question.strict, *(each for own in question.own.values() for each in own))
    return (
        row is not None
        and sees(question.sight, row, past)
        and all(holds(condition, row.terms) for condition in conditions)
    )


def _count(
    counts: Counts,
    sign: int,
    question: Question,
    always: frozenset[int],
    index: ProductIndex,
    row: Row,
    past: Past,
) -> None:
    """Count one product in or out."""
    if not sees(question.sight, row, past) or not holds(question.placed, row.terms):
        return
    found = {(value.place, value.text) for value in index.vocabulary.values_of(row.terms)}
    for each in found:
        if each[0] in always:
            counts.offered[each] += sign
    if not all(holds(condition, row.terms) for condition in question.strict):
        return
    failed = {place for place, own in question.own.items() if not all(holds(each, row.terms) for each in own)}
    counts.total += sign * (not failed)
    for each in found:
        if not failed - {each[0]}:
            counts.values[each] += sign


def _values(index: ProductIndex, place: int, among: BitMap) -> dict[Found, int]:
    found = {}
    for text, terms in index.vocabulary.texts(place).items():
        if len(terms) == 1:
            count = index.postings.common(terms[0], among)
        else:
            count = index.postings.union(terms).intersection_cardinality(among)
        if count:
            found[place, text] = count
    return found


def _all_selected(conditions: Iterable[Condition], index: ProductIndex, among: BitMap) -> BitMap:
    for condition in conditions:
        among = selected(condition, index.postings, among)
    return among


def _intersection(first: BitMap, others: Iterable[BitMap]) -> BitMap:
    for each in others:
        first = first & each
    return first

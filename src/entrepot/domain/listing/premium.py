"""The search of premium lists over items in memory: the plain reading of SRCH-4 that the SQL must agree with.

It knows no stems: over a vocabulary in which no word has the stem of another, both give the same.
"""

from __future__ import annotations

from collections.abc import Iterable

from entrepot.domain.listing.fields import FieldPath
from entrepot.domain.listing.request import ListRequest, SearchType
from entrepot.domain.listing.terms import SearchTerms, words_of

PHRASE_STEP = 1_000_000
TERM_STEP = 1_000
"""A search has fewer than a thousand terms, so that one more outweighs all prominent places."""
Texts = dict[FieldPath, list[str]]
"""The texts of each searched field: one, or one for each value of an xp array."""


def rank(texts: Texts, request: ListRequest, terms: SearchTerms) -> int | None:
    """The lower the better: the exact phrase, then more terms, then more of them in prominent fields; None: no match."""
    fields = {path: [words_of(text) for text in found] for path, found in texts.items()}
    if not terms.words or not _matches(list(fields.items()), request.search_type, terms):
        return None
    prefix = request.search_type is SearchType.EXACT_PHRASE_PREFIX
    with_phrase = [
        path
        for path, found in fields.items()
        if any(holds_phrase(each, terms.words, prefix=prefix) for each in found)
    ]
    place = 0 if terms.prominent & set(with_phrase) else 1 if with_phrase else 2
    found = _count(terms, (each for values in fields.values() for each in values))
    above = _count(
        terms, (each for path, values in fields.items() if path in terms.prominent for each in values)
    )
    return place * PHRASE_STEP - found * TERM_STEP - above


def holds_phrase(words: tuple[str, ...], phrase: tuple[str, ...], *, prefix: bool) -> bool:
    """Whether the words stand in a row; with `prefix` the last may be only the beginning of a word."""
    for start in range(len(words) - len(phrase) + 1):
        *head, last = words[start : start + len(phrase)]
        if head == list(phrase[:-1]) and (last.startswith(phrase[-1]) if prefix else last == phrase[-1]):
            return True
    return False


def _matches(
    fields: list[tuple[FieldPath, list[tuple[str, ...]]]], kind: SearchType, terms: SearchTerms
) -> bool:
    values = [words for _, found in fields for words in found]
    wanted = set(terms.terms)
    if kind is SearchType.ANY_TERM:
        return any(wanted & set(words) for words in values)
    if kind is SearchType.ALL_TERMS_ANY_FIELD:
        return wanted <= {word for words in values for word in words}
    if kind is SearchType.ALL_TERMS_SAME_FIELD:
        return any(wanted <= set(words) for words in values)
    prefix = kind is SearchType.EXACT_PHRASE_PREFIX
    return any(holds_phrase(words, terms.words, prefix=prefix) for words in values)


def _count(terms: SearchTerms, values: Iterable[tuple[str, ...]]) -> int:
    known = {word for words in values for word in words}
    return sum(term in known for term in terms.terms)

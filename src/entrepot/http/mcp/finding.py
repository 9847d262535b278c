"""Operations by words of what they do: what `search_operations` looks in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from entrepot.http.mcp.offered import Offer, Offered

MOST_WORDS = 12
"""Of a search, that count."""
LEAST_STEM = 3
"""Letters from which on a word finds those that it begins; with one more also those that begin it, as cancel does cancelling."""

_EMPTY = frozenset(
    {"a", "all", "an", "and", "by", "for", "from", "in", "of", "on", "or", "that", "the", "to", "with"}
)
"""Words that say nothing."""
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_WEIGHTS = (8, 4, 2, 1)
"""Of a word in the ID, in the summary, in the path, in the description."""


class Index:
    """The words of each operation, by where they stand."""

    def __init__(self, offer: Offer) -> None:
        self._words = [(each, _fields(each)) for each in offer.all]

    def find(self, text: str, fits: Callable[[Offered], bool]) -> list[Offered]:
        """Those that fit and have any of the words, the best first; without words all that fit."""
        words = [*words_of(text)][:MOST_WORDS]
        if not words:
            return [each for each, _ in self._words if fits(each)]
        scored = [(_score(words, fields), each) for each, fields in self._words]
        found = [(score, each) for score, each in scored if score and fits(each)]
        return [each for _, each in sorted(found, key=lambda pair: (-pair[0], pair[1].operation.id))]


def words_of(text: str) -> Iterable[str]:
    """The words of a text, of names written together as well, folded and without the s of a plural; each once."""
    parts = (part.lower() for part in _PARTS.findall(text))
    return dict.fromkeys(_stem(part) for part in parts if part not in _EMPTY).keys()


def _stem(word: str) -> str:
    if len(word) > LEAST_STEM and word.endswith("ies"):
        return f"{word[:-3]}y"
    return word[:-1] if len(word) > LEAST_STEM and word.endswith("s") else word


def _fields(offered: Offered) -> tuple[frozenset[str], ...]:
    operation = offered.operation
    texts = (operation.id, operation.summary, operation.path, operation.description)
    return tuple(frozenset(words_of(text)) for text in texts)


def _score(words: list[str], fields: tuple[frozenset[str], ...]) -> float:
    """What its words weigh. Of two that have the same words the one that says nothing beside them goes first."""
    weight = sum(_of_word(word, fields) for word in words)
    return weight and weight - len(fields[0]) / 100


def _of_word(word: str, fields: tuple[frozenset[str], ...]) -> float:
    for weight, field in zip(_WEIGHTS, fields, strict=True):
        if word in field:
            return weight
    if len(word) < LEAST_STEM:
        return 0
    begun = (weight / 2 for weight, field in zip(_WEIGHTS, fields, strict=True) if _begins(word, field))
    return next(begun, 0)


def _begins(word: str, field: frozenset[str]) -> bool:
    return any(each.startswith(word) or (len(each) > LEAST_STEM and word.startswith(each)) for each in field)

"""The terms of an index and their numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import IntEnum
from typing import NamedTuple

from entrepot.domain.catalog.index.postings import Postings

WEIGHTS = 3
"""Stored fields that words are found in, by weight: of a word three terms in a row."""
_BYTES_OF_A_KEY = 200
"""An entry of a dictionary with its key and its number."""


class Flag(IntEnum):
    """What is true or false of a product; terms of these numbers."""

    ACTIVE = 0
    IS_PARENT = 1
    IS_BUNDLE = 2
    RETURNABLE = 3
    ALL_SUPPLIERS = 4
    PLACED = 5
    """It, or its parent, has a place of its own in the order of a category."""


class ValueKind(IntEnum):
    """What stands at a facet's path: values, or an object or an array within an array, which is present and no value."""

    TEXT = 0
    NUMBER = 1
    BOOLEAN = 2
    OTHER = 3


class Value(NamedTuple):
    """A value at the path of the facet in this place, as text; of OTHER without. A plain tuple of the same is the same."""

    place: int
    kind: int
    text: str = ""


class Lexicon:
    """Words, each with a term for each weight. Those that few products have are left out: the database finds them fast."""

    def __init__(self, words: Iterable[str], postings: Postings) -> None:
        self._first = {word: postings.grow(WEIGHTS) for word in words}

    def __len__(self) -> int:
        return len(self._first)

    def __iter__(self) -> Iterator[str]:
        return iter(self._first)

    def __contains__(self, word: str) -> bool:
        return word in self._first

    def terms(self, word: str, weights: Iterable[int]) -> frozenset[int]:
        """Of a word that it holds. Raises KeyError."""
        first = self._first[word]
        return frozenset(first + weight for weight in weights)

    def number(self, word: str, otherwise: int) -> int:
        """What stands for a word in sequences."""
        return self._first.get(word, otherwise)

    def known(self, words: Sequence[str], weight: int) -> Iterator[int]:
        """The terms of those of the words that it holds."""
        for word in words:
            first = self._first.get(word)
            if first is not None:
                yield first + weight


class Vocabulary:
    """Tokens and values get terms as products have them; `version` counts up with each. Words are settled at first."""

    def __init__(
        self, postings: Postings, *, words: Iterable[str], stems: Iterable[str], facets: int
    ) -> None:
        self._postings = postings
        postings.grow(len(Flag))
        self.words = Lexicon(words, postings)
        self.stems = Lexicon(stems, postings)
        self.version = 0
        self._tokens: dict[int, int] = {}
        self._values: dict[tuple[int, int, str], int] = {}
        self._value_of: dict[int, Value] = {}
        self._places: list[dict[str, list[int]]] = [{} for _ in range(facets)]
        self._others: list[list[int]] = [[] for _ in range(facets)]

    def token(self, token: int) -> int:
        """The term of a token that a product has."""
        term = self._tokens.get(token)
        if term is None:
            term = self._tokens[token] = self._new()
        return term

    def value(self, found: tuple[int, int, str]) -> int:
        """The term of a value that a product has."""
        term = self._values.get(found)
        if term is None:
            value = Value(*found)
            term = self._values[value] = self._new()
            self._value_of[term] = value
            if value.kind == ValueKind.OTHER:
                self._others[value.place].append(term)
            else:
                self._places[value.place].setdefault(value.text, []).append(term)
        return term

    def tokens(self, tokens: Iterable[int]) -> frozenset[int]:
        """The terms of those tokens that any product has had."""
        known = self._tokens
        return frozenset(known[token] for token in tokens if token in known)

    def texts(self, place: int) -> Mapping[str, Sequence[int]]:
        """What stands at a facet's path, each text with its terms: `5` may be a number here and a string there."""
        return self._places[place]

    @property
    def values_known(self) -> int:
        """How many values there are of all facets."""
        return len(self._values)

    def term(self, place: int, kind: ValueKind, text: str) -> int | None:
        """The term of a value; None where no product has had it."""
        return self._values.get((place, kind, text))

    def values(self, place: int) -> Iterator[tuple[Value, int]]:
        """The values at a facet's path, each with its term."""
        for terms in self._places[place].values():
            for term in terms:
                yield self._value_of[term], term

    def present(self, place: int) -> Iterator[int]:
        """The terms of all that is present at a facet's path."""
        for terms in self._places[place].values():
            yield from terms
        yield from self._others[place]

    @property
    def places(self) -> range:
        """Of all facets."""
        return range(len(self._places))

    def values_of(self, terms: Iterable[int]) -> list[Value]:
        """The values that a product has at the paths of facets."""
        known = self._value_of
        found = (known[term] for term in terms if term in known)
        return [value for value in found if value.kind != ValueKind.OTHER]

    @property
    def size(self) -> int:
        """About how many bytes it takes."""
        words = len(self.words) + len(self.stems)
        return _BYTES_OF_A_KEY * (words + len(self._tokens) + 2 * len(self._values))

    def _new(self) -> int:
        self.version += 1
        return self._postings.grow(1)

"""The words of a premium search (SRCH-4)."""

from __future__ import annotations

import string
from dataclasses import dataclass

from entrepot.domain.listing.fields import FieldPath, ListShape
from entrepot.domain.listing.folding import fold

MAX_WORD_LENGTH = 250
"""Characters of a word that count; PostgreSQL knows none of more than 2,047 bytes."""
PUNCTUATION = string.punctuation
"""What separates words beside white space: so `SHIRT-001` is two words, and no number has a sign or a fraction."""
_STOP_WORDS = """
    i me my myself we our ours ourselves you your yours yourself yourselves he him his himself she her hers herself it
    its itself they them their theirs themselves what which who whom this that these those am is are was were be been
    being have has had having do does did doing a an the and but if or because as until while of at by for with about
    against between into through during before after above below to from up down in out on off over under again further
    then once here there when where why how all any both each few more most other some such no nor not only own same so
    than too very s t can will just don should now
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())
"""English words that tell nothing; PostgreSQL's English dictionary knows the same."""

_BLANKS = str.maketrans(dict.fromkeys(PUNCTUATION, " "))


@dataclass(frozen=True, slots=True)
class SearchTerms:
    """A search as words.

    words: all of them in lower case as typed: the phrase.
    terms: each once, without words that tell nothing; all where nothing else is left.
    stemmed: whether a term finds other forms of its word; not where the terms tell nothing, since stems leave them out.
    prominent: which of the searched fields outrank the others.
    """

    words: tuple[str, ...]
    terms: tuple[str, ...]
    stemmed: bool
    prominent: frozenset[FieldPath] = frozenset()


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text in lower case, in order."""
    return tuple(fold(word) for word in text.translate(_BLANKS).split())


def read_terms(search: str, shape: ListShape, searched: tuple[FieldPath, ...]) -> SearchTerms:
    """The words of a search in the fields `searched`; there may be none, and then nothing is found."""
    words = tuple(word[:MAX_WORD_LENGTH] for word in words_of(search))
    telling = tuple(dict.fromkeys(word for word in words if word not in STOP_WORDS))
    return SearchTerms(
        words,
        telling or tuple(dict.fromkeys(words)),
        stemmed=bool(telling),
        prominent=frozenset(path for path in searched if path.name in shape.prominent),
    )

"""From a list request to a question to the index; what the index does not know is left to PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from entrepot.domain.catalog.index.conditions import ALWAYS, NEVER, All, AnyOf, Condition, Either, Not
from entrepot.domain.catalog.index.questions import Filter, Question, Sight
from entrepot.domain.catalog.index.ranking import Found, Ranking
from entrepot.domain.catalog.index.vocabulary import Lexicon, ValueKind, Vocabulary
from entrepot.domain.listing.fields import FieldKind, FieldPath
from entrepot.domain.listing.filters import Alternative, FieldTest, FilterCondition, Operator
from entrepot.domain.listing.folding import fold
from entrepot.domain.listing.literals import XpLiteral
from entrepot.domain.listing.request import ListRequest, SearchType
from entrepot.features.catalog.product_index.live import LiveIndex
from entrepot.features.catalog.product_index.reading import FLAGS, WEIGHTS

PHRASES = frozenset({SearchType.EXACT_PHRASE, SearchType.EXACT_PHRASE_PREFIX})
MOST_VALUES = 2_000
"""Values of all facets, each of which is counted, and compared with filters: some 10 ms of the event loop."""
MOST_BUNDLES = 1_000
"""Bundles, each of which is looked at: as long."""


class UnknownError(Exception):
    """The index does not know the answer."""


class UnknownWordsError(UnknownError):
    """Nor what becomes of these words in a search, which the database tells."""

    def __init__(self, words: list[str]) -> None:
        self.words = words
        super().__init__("words to be read")


def asked(
    live: LiveIndex, request: ListRequest, weights: Mapping[str, str], sight: Sight, placed: Condition
) -> Question:
    """weights: of the fields whose words are stored, by name. Raises UnknownError."""
    if live.index.vocabulary.values_known > MOST_VALUES or len(live.index.bundles) > MOST_BUNDLES:
        raise UnknownError
    filters = tuple(_filter(live, condition) for condition in request.filters)
    search = ALWAYS if request.search is None else _search(live, request, weights)
    return Question(sight, placed, search, filters)


def ranking(live: LiveIndex, request: ListRequest, stored: Mapping[str, str]) -> Ranking | None:
    """How a search ranks its matches; None where that is not for the index to tell, or it does not rank. Raises UnknownError."""
    terms = request.terms
    if terms is None or request.sort_by or request.search_type in PHRASES:
        return None
    weights = [WEIGHTS[stored[path.name]] for path in request.search_on]
    prominent = [WEIGHTS[stored[path.name]] for path in request.search_on if path in terms.prominent]
    vocabulary = live.index.vocabulary
    plain = _lexemes(live, terms.words, vocabulary.words, stemmed=False)
    lexicon = vocabulary.stems if terms.stemmed else vocabulary.words

    def found(lexicon: Lexicon, lexeme: str) -> Found:
        return Found(AnyOf(lexicon.terms(lexeme, prominent)), AnyOf(lexicon.terms(lexeme, weights)))

    return Ranking(
        words=tuple(found(vocabulary.words, lexeme) for lexeme in plain),
        sequence=tuple(vocabulary.words.number(lexeme, 0) for lexeme in plain),
        prominent=tuple(prominent),
        others=tuple(weight for weight in weights if weight not in prominent),
        terms=tuple(
            found(lexicon, lexeme) for lexeme in _lexemes(live, terms.terms, lexicon, stemmed=terms.stemmed)
        ),
    )


def _filter(live: LiveIndex, condition: FilterCondition) -> Filter:
    tests = condition.tests
    parts = tuple(_test(live, test) for test in tests)
    own = live.place_of(tests[0].path) if len(tests) == 1 and tests[0].path is not None else None
    return Filter(parts[0] if len(parts) == 1 else Either(parts), own)


def _test(live: LiveIndex, test: FieldTest) -> Condition:
    path = test.path
    if path is None:
        return NEVER
    if path.kind is FieldKind.BOOLEAN and path.name in FLAGS:
        return Either(tuple(_flag(path, each) for each in test.alternatives))
    place = live.place_of(path)
    if place is None:
        raise UnknownError
    return Either(tuple(_alternative(live.index.vocabulary, place, each) for each in test.alternatives))


def _flag(path: FieldPath, alternative: Alternative) -> Condition:
    if alternative.operator is not Operator.EQUAL:
        raise UnknownError
    condition = AnyOf(frozenset({int(FLAGS[path.name])}))
    return condition if bool(alternative.literal) != alternative.negated else Not(condition)


def _alternative(vocabulary: Vocabulary, place: int, alternative: Alternative) -> Condition:
    """FLT-8 for the values of xp."""
    present = AnyOf(frozenset(vocabulary.present(place)))
    if alternative.operator is Operator.PRESENT:
        condition: Condition = present
    elif alternative.operator is Operator.EMPTY:
        blank = vocabulary.term(place, ValueKind.TEXT, "")
        condition = Either((Not(present), NEVER if blank is None else AnyOf(frozenset({blank}))))
    elif alternative.operator is Operator.EQUAL and isinstance(alternative.literal, XpLiteral):
        condition = AnyOf(frozenset(_equal(vocabulary, place, alternative.literal)))
    else:
        raise UnknownError
    return Not(condition) if alternative.negated else condition


def _equal(vocabulary: Vocabulary, place: int, literal: XpLiteral) -> Iterable[int]:
    text = fold(literal.text)
    for value, term in vocabulary.values(place):
        if value.kind == ValueKind.NUMBER:
            if literal.number is not None and Decimal(value.text) == literal.number:
                yield term
        elif fold(value.text) == text:
            yield term


def _search(live: LiveIndex, request: ListRequest, stored: Mapping[str, str]) -> Condition:
    """SRCH-4, over the stored columns."""
    terms, kind = request.terms, request.search_type
    if terms is None or not terms.words:
        return NEVER
    if kind in PHRASES or any(path.xp_keys or path.name not in stored for path in request.search_on):
        raise UnknownError
    weights = [WEIGHTS[stored[path.name]] for path in request.search_on]
    lexicon = live.index.vocabulary.stems if terms.stemmed else live.index.vocabulary.words
    lexemes = _lexemes(live, terms.terms, lexicon, stemmed=terms.stemmed)
    if kind is SearchType.ALL_TERMS_SAME_FIELD:
        return Either(tuple(All(_each(lexicon, lexemes, [weight])) for weight in weights))
    found = _each(lexicon, lexemes, weights)
    return Either(found) if kind is SearchType.ANY_TERM else All(found)


def _each(lexicon: Lexicon, lexemes: Sequence[str], weights: Sequence[int]) -> tuple[Condition, ...]:
    return tuple(AnyOf(lexicon.terms(lexeme, weights)) for lexeme in lexemes)


def _lexemes(live: LiveIndex, words: Sequence[str], lexicon: Lexicon, *, stemmed: bool) -> list[str]:
    """What a lexicon has for words. Raises UnknownError."""
    unknown = [word for word in words if word not in live.lexemes]
    if unknown:
        raise UnknownWordsError(unknown)
    found = [live.lexemes[word][stemmed] for word in words]
    held = [lexeme for lexeme in found if lexeme is not None and lexeme in lexicon]
    if len(held) < len(found):
        raise UnknownError
    return held

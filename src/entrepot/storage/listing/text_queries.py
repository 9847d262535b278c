"""From the words of a premium search to its template: text queries as arguments (SRCH-4)."""

from __future__ import annotations

from collections.abc import Iterable

from entrepot.domain.listing.fields import FieldPath
from entrepot.domain.listing.request import ListRequest, SearchType
from entrepot.domain.listing.terms import SearchTerms
from entrepot.storage.listing.source import Source
from entrepot.storage.listing.template import Arguments, FieldPlace, PremiumTemplate, SlotType, TextQuery

ANYWHERE = "A"
"""A weight for queries that are not asked, since no stored field, or no prominent one, is searched."""
PHRASES = frozenset({SearchType.EXACT_PHRASE, SearchType.EXACT_PHRASE_PREFIX})


def is_stored(source: Source, path: FieldPath) -> bool:
    """Whether the stored columns hold the words of a field."""
    return source.text is not None and not path.xp_keys and path.name in source.text.weights


def premium_template(
    source: Source,
    request: ListRequest,
    terms: SearchTerms,
    others: tuple[FieldPlace, ...],
    arguments: Arguments,
) -> PremiumTemplate:
    """The template of a search that has at least one word. `others` are the searched fields that are not stored."""
    weights = source.text.weights if source.text is not None else {}
    stored = [path for path in request.search_on if is_stored(source, path)]
    prominent = [path for path in stored if path in terms.prominent]
    queries = _Queries(
        terms,
        fields=[weights[path.name] for path in stored] or [ANYWHERE],
        prominent=[weights[path.name] for path in prominent] or [ANYWHERE],
        # All fields together need no weights, and then the index alone decides.
        everywhere=len(stored) == len(weights),
    )
    kind = request.search_type
    spread = kind is SearchType.ALL_TERMS_ANY_FIELD and bool(others)

    def added(texts: tuple[str, str, str]) -> TextQuery:
        return TextQuery(*(arguments.add(text, SlotType.TEXT) for text in texts))

    return PremiumTemplate(
        stored=bool(stored),
        prominent=bool(prominent),
        others=others,
        match=added(queries.match(kind, spread=spread)),
        spread=spread,
        phrase=added(queries.phrase(prefix=kind is SearchType.EXACT_PHRASE_PREFIX)),
        terms=TextQuery(*(arguments.add(texts, SlotType.TEXTS) for texts in queries.each_term())),
        stemmed=terms.stemmed,
        stemmed_match=terms.stemmed and kind not in PHRASES,
        ranked=not request.sort_by,
    )


class _Queries:
    """The texts of a search's queries: over the stored columns, over prominent fields alone, over one other value.

    `fields` and `prominent` are weights of the stored columns; `everywhere` says that all fields are searched.
    """

    def __init__(
        self, terms: SearchTerms, fields: list[str], prominent: list[str], *, everywhere: bool
    ) -> None:
        self._terms = terms
        self._fields = fields
        self._prominent = prominent
        self._any_field = "" if everywhere else "".join(fields)

    def match(self, kind: SearchType, *, spread: bool) -> tuple[str, str, str]:
        if kind in PHRASES:
            return self.phrase(prefix=kind is SearchType.EXACT_PHRASE_PREFIX)
        terms = self._terms.terms
        if kind is SearchType.ALL_TERMS_SAME_FIELD:
            text = _either(_joined(terms, weight, "&") for weight in self._fields)
            return text, text, _joined(terms, "", "&")
        operator = "&" if kind is SearchType.ALL_TERMS_ANY_FIELD and not spread else "|"
        text = _joined(terms, self._any_field, operator)
        return text, text, _joined(terms, "", operator)

    def phrase(self, *, prefix: bool) -> tuple[str, str, str]:
        words = self._terms.words
        return (
            _either(_phrase(words, weight, prefix=prefix) for weight in self._fields),
            _either(_phrase(words, weight, prefix=prefix) for weight in self._prominent),
            _phrase(words, "", prefix=prefix),
        )

    def each_term(self) -> tuple[list[str], list[str], list[str]]:
        def weighted(weight: str) -> list[str]:
            return [_word(term, weight) for term in self._terms.terms]

        return weighted(self._any_field), weighted("".join(self._prominent)), weighted("")


def _word(word: str, weight: str) -> str:
    """A word of a text query. It holds no punctuation, so that nothing in it is an operator."""
    return f"'{word}':{weight}" if weight else f"'{word}'"


def _joined(words: Iterable[str], weight: str, operator: str) -> str:
    return f" {operator} ".join(_word(word, weight) for word in words)


def _phrase(words: tuple[str, ...], weight: str, *, prefix: bool) -> str:
    last = _word(words[-1], f"{weight}*" if prefix else weight)
    return " <-> ".join([*(_word(word, weight) for word in words[:-1]), last])


def _either(queries: Iterable[str]) -> str:
    return " | ".join(f"({query})" for query in queries)

"""The search of premium lists: words and their stems, ranked over the matches alone (SRCH-4)."""

from __future__ import annotations

from collections.abc import Sequence

from entrepot.domain.listing.fields import FieldKind
from entrepot.domain.listing.premium import PHRASE_STEP, TERM_STEP
from entrepot.domain.listing.terms import PUNCTUATION
from entrepot.storage.listing.arguments import argument
from entrepot.storage.listing.predicates import either, search_text
from entrepot.storage.listing.rendering import Value
from entrepot.storage.listing.source import Source, TextColumns
from entrepot.storage.listing.template import FieldPlace, PremiumTemplate, Slot
from entrepot.storage.listing.values import Predicate, any_value

LETTERS = "ABCD"
"""The weights of the fields in the stored columns."""


def text_vector(texts: Sequence[str], *, stemmed: bool) -> str:
    """The words or stems of several fields, each under the weight of its place. Immutable: for a generated column."""
    vectors = (words_vector(f"coalesce({text}, '')", stemmed=stemmed) for text in texts)
    weighted = zip(vectors, LETTERS, strict=False)
    return " || ".join(f"setweight({vector}, '{weight}')" for vector, weight in weighted)


def words_vector(text: str, *, stemmed: bool) -> str:
    """The words of one text, separated as `terms.words_of` does, or their stems."""
    # PostgreSQL separates words at a percent sign anyway, and as a part of SQL text it would be a placeholder.
    marks = PUNCTUATION.replace("%", "").replace("'", "''")
    plain = f"translate({text}, '{marks}', repeat(' ', {len(PUNCTUATION)}))"
    return f"to_tsvector({_dictionary(stemmed)}, {plain})"


def premium_condition(source: Source, search: PremiumTemplate) -> str:
    """Whether a row matches. Where the stored columns hold all searched fields, this is what their index answers."""
    matches = _found(source, search, _query(search.match.stored, search.stemmed_match), search.match.other)
    if not search.spread:
        return matches
    # Fields beyond the stored columns: each term must be in some field, be it here or there.
    in_stored = [_holds(source, "term.stored", search.stemmed)] if search.stored else []
    found = either([*in_stored, *_in_others(source, search, "term.other", search.stemmed)])
    missing = f"SELECT 1 FROM {_each_term(search)} WHERE numnode(term.other) > 0 AND {found} IS NOT TRUE"
    return f"({matches} AND NOT EXISTS ({missing}))"


def premium_rank(source: Source, search: PremiumTemplate) -> str:
    """As premium.rank of the domain, the lower the better."""
    phrase = search.phrase
    above = "false"
    if search.prominent:
        above = _holds(source, _query(phrase.prominent, stemmed=False), stemmed=False)
    in_stored = [_holds(source, _query(phrase.stored, stemmed=False), stemmed=False)] if search.stored else []
    in_others = _in_others(source, search, _query(phrase.other, stemmed=False), stemmed=False)
    place = (
        f"CASE WHEN {above} THEN 0 WHEN {either([*in_stored, *in_others])} THEN {PHRASE_STEP}"
        f" ELSE {2 * PHRASE_STEP} END"
    )
    return f"({place} - {_score(source, search)})"


def _score(source: Source, search: PremiumTemplate) -> str:
    """The terms found, each a step, and one more for each that is found in a prominent field."""
    grades: list[tuple[str, int]] = []
    if search.prominent:
        grades.append((_holds(source, "term.prominent", search.stemmed), TERM_STEP + 1))
    if search.stored:
        grades.append((_holds(source, "term.stored", search.stemmed), TERM_STEP))
    grades += [(found, TERM_STEP) for found in _in_others(source, search, "term.other", search.stemmed)]
    cases = " ".join(f"WHEN {found} THEN {grade}" for found, grade in grades)
    return f"(SELECT coalesce(sum(CASE {cases} ELSE 0 END), 0) FROM {_each_term(search)})"


def _found(source: Source, search: PremiumTemplate, query: str, other: Slot) -> str:
    stored = [_holds(source, query, search.stemmed_match)] if search.stored else []
    others = _in_others(source, search, _query(other, search.stemmed_match), search.stemmed_match)
    return either([*stored, *others])


def _holds(source: Source, query: str, stemmed: bool) -> str:
    """Whether the stored words or stems of a row satisfy a query."""
    words, stems = source.vectors
    return f"{stems if stemmed else words} @@ {query}"


def _in_others(source: Source, search: PremiumTemplate, query: str, stemmed: bool) -> list[str]:
    """Whether a value of each further field satisfies a query.

    Where a collection keeps the words of its fields, their index finds the rows first: what satisfies a query without
    weights in one field does so in all of them together.
    """

    def within(place: FieldPlace) -> Predicate:
        kept = _kept_vectors(source, place)

        def holds(value: Value, kind: FieldKind) -> str:
            text = f"coalesce({search_text(value, kind)}, '')"
            exact = f"{words_vector(text, stemmed=stemmed)} @@ {query}"
            if kept is None:
                return exact
            words, stems = kept
            return f"({stems if stemmed else words} @@ {query} AND {exact})"

        return holds

    return [any_value(source, place, within(place)) for place in search.others]


def _kept_vectors(source: Source, place: FieldPlace) -> tuple[str, str] | None:
    """The stored columns that hold a field of a collection; None for other fields."""
    start, rest = source.anchor(place.path.name)
    if start not in source.collections:
        return None
    child = source.collections[start].source
    text: TextColumns | None = child.text
    return child.vectors if text is not None and ".".join(rest) in text.weights else None


def _query(slot: Slot, stemmed: bool) -> str:
    """A query from its text. In a subselect: so it is made once, not for every row."""
    return f"(SELECT to_tsquery({_dictionary(stemmed)}, {argument(slot)}))"


def _each_term(search: PremiumTemplate) -> str:
    """The queries of the terms as rows."""
    slots = (search.terms.stored, search.terms.prominent, search.terms.other)
    queries = ", ".join(_queries(slot, search.stemmed) for slot in slots)
    return f"unnest({queries}) AS term(stored, prominent, other)"


def _queries(slot: Slot, stemmed: bool) -> str:
    # Behind a SELECT: the planner would count the terms of each request, and plan the statement every time.
    texts = f"unnest((SELECT {argument(slot)})) AS given"
    return f"ARRAY(SELECT to_tsquery({_dictionary(stemmed)}, given) FROM {texts})"


def _dictionary(stemmed: bool) -> str:
    return "'english'::regconfig" if stemmed else "'simple'::regconfig"

"""The search of premium lists: words and their stems, ranked over the matches alone (SRCH-4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    Boolean,
    Integer,
    Select,
    Subquery,
    Text,
    and_,
    case,
    column,
    exists,
    false,
    func,
    literal_column,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR

from entrepot.domain.listing.fields import FieldKind
from entrepot.domain.listing.premium import PHRASE_STEP, TERM_STEP
from entrepot.domain.listing.terms import PUNCTUATION
from entrepot.storage.listing.arguments import argument
from entrepot.storage.listing.predicates import Condition, Expression, search_text
from entrepot.storage.listing.source import Source, TextColumns
from entrepot.storage.listing.template import Place, PremiumTemplate, Slot
from entrepot.storage.listing.values import Predicate, any_value

LETTERS = "ABCD"
"""The weights of the fields in the stored columns."""


def text_vector(texts: Sequence[Expression], *, stemmed: bool) -> Expression:
    """The words or stems of several fields, each under the weight of its place. Immutable: for a generated column."""
    vectors = [
        func.setweight(
            words_vector(func.coalesce(text, literal_column("''")), stemmed=stemmed),
            literal_column(f"'{weight}'"),
            type_=TSVECTOR(),
        )
        for text, weight in zip(texts, LETTERS, strict=False)
    ]
    joined: Expression = vectors[0]
    for each in vectors[1:]:
        joined = joined.op("||", return_type=TSVECTOR())(each)
    return joined


def words_vector(text: Expression, *, stemmed: bool) -> Expression:
    """The words of one text, separated as `terms.words_of` does, or their stems."""
    # PostgreSQL separates words at a percent sign anyway, and as a part of SQL text it would be a placeholder.
    marks = PUNCTUATION.replace("%", "").replace("'", "''")
    blanks = func.repeat(literal_column("' '"), literal_column(str(len(PUNCTUATION))))
    plain = func.translate(text, literal_column(f"'{marks}'"), blanks)
    return func.to_tsvector(_dictionary(stemmed), plain, type_=TSVECTOR())


def premium_condition(source: Source, search: PremiumTemplate) -> Condition:
    """Whether a row matches. Where the stored columns hold all searched fields, this is what their index answers."""
    matches = _found(source, search, _query(search.match.stored, search.stemmed_match), search.match.other)
    if not search.spread:
        return matches
    # Fields beyond the stored columns: each term must be in some field, be it here or there.
    term = _each_term(search)
    in_stored = [_holds(source, term.c.stored, search.stemmed)] if search.stored else []
    found = or_(false(), *in_stored, *_in_others(source, search, term.c.other, search.stemmed))
    known = func.numnode(term.c.other) > literal_column("0")
    missing: Select[Any] = select(literal_column("1")).select_from(term).where(known, found.is_not(true()))
    return and_(matches, ~exists(missing))


def premium_rank(source: Source, search: PremiumTemplate) -> Expression:
    """As premium.rank of the domain, the lower the better."""
    phrase = search.phrase
    above: Condition = false()
    if search.prominent:
        above = _holds(source, _query(phrase.prominent, stemmed=False), stemmed=False)
    in_stored = [_holds(source, _query(phrase.stored, stemmed=False), stemmed=False)] if search.stored else []
    in_others = _in_others(source, search, _query(phrase.other, stemmed=False), stemmed=False)
    place = case(
        (above, literal_column("0")),
        (or_(false(), *in_stored, *in_others), literal_column(str(PHRASE_STEP))),
        else_=literal_column(str(2 * PHRASE_STEP)),
    )
    return place - _score(source, search)


def _score(source: Source, search: PremiumTemplate) -> Expression:
    """The terms found, each a step, and one more for each that is found in a prominent field."""
    term = _each_term(search)
    grades: list[tuple[Condition, Expression]] = []
    if search.prominent:
        grades.append((_holds(source, term.c.prominent, search.stemmed), literal_column(str(TERM_STEP + 1))))
    if search.stored:
        grades.append((_holds(source, term.c.stored, search.stemmed), literal_column(str(TERM_STEP))))
    grades += [
        (found, literal_column(str(TERM_STEP)))
        for found in _in_others(source, search, term.c.other, search.stemmed)
    ]
    score = func.sum(case(*grades, else_=literal_column("0")))
    total = select(func.coalesce(score, literal_column("0"), type_=Integer())).select_from(term)
    return total.correlate_except(term).scalar_subquery()


def _found(source: Source, search: PremiumTemplate, query: Expression, other: Slot) -> Condition:
    stored = [_holds(source, query, search.stemmed_match)] if search.stored else []
    others = _in_others(source, search, _query(other, search.stemmed_match), search.stemmed_match)
    return or_(false(), *stored, *others)


def _holds(source: Source, query: Expression, stemmed: bool) -> Condition:
    """Whether the stored words or stems of a row satisfy a query."""
    assert source.text is not None
    vector = source.text.stems if stemmed else source.text.words
    return vector.op("@@", return_type=Boolean())(query)


def _in_others(source: Source, search: PremiumTemplate, query: Expression, stemmed: bool) -> list[Condition]:
    """Whether a value of each further field satisfies a query.

    Where a collection keeps the words of its fields, their index finds the rows first: what satisfies a query without
    weights in one field does so in all of them together.
    """

    def within(place: Place) -> Predicate:
        kept = _kept_text(source, place)

        def holds(value: Expression, kind: FieldKind) -> Condition:
            text = func.coalesce(search_text(value, kind), literal_column("''"))
            exact = words_vector(text, stemmed=stemmed).op("@@", return_type=Boolean())(query)
            if kept is None:
                return exact
            vector = kept.stems if stemmed else kept.words
            return and_(vector.op("@@", return_type=Boolean())(query), exact)

        return holds

    return [any_value(source, place, within(place)) for place in search.others]


def _kept_text(source: Source, place: Place) -> TextColumns | None:
    """The stored columns that hold a field of a collection; None for other fields."""
    start, rest = source.anchor(place.path.name)
    if start not in source.collections:
        return None
    text = source.collections[start].source.text
    return text if text is not None and ".".join(rest) in text.weights else None


def _query(slot: Slot, stemmed: bool) -> Expression:
    """A query from its text. In a subselect: so it is made once, not for every row."""
    return select(func.to_tsquery(_dictionary(stemmed), argument(slot), type_=TSQUERY())).scalar_subquery()


def _each_term(search: PremiumTemplate) -> Subquery:
    """The queries of the terms as rows."""
    slots = {"stored": search.terms.stored, "prominent": search.terms.prominent, "other": search.terms.other}
    arrays = [_queries(slot, search.stemmed) for slot in slots.values()]
    columns: list[Any] = [column(name, TSQUERY()) for name in slots]
    rows = func.unnest(*arrays).table_valued(*columns).render_derived()
    return select(*rows.c).select_from(rows).subquery()


def _queries(slot: Slot, stemmed: bool) -> Expression:
    # Behind a SELECT: the planner would count the terms of each request, and plan the statement every time.
    texts = select(argument(slot)).scalar_subquery()
    text = func.unnest(texts, type_=Text()).column_valued()
    each = select(func.to_tsquery(_dictionary(stemmed), text, type_=TSQUERY())).scalar_subquery()
    return func.array(each, type_=ARRAY(TSQUERY()))


def _dictionary(stemmed: bool) -> Expression:
    return literal_column("'english'::regconfig" if stemmed else "'simple'::regconfig")

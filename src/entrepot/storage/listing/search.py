"""The search of a list and its rank: on standard lists a substring of any searched field (SRCH-2, SRCH-3)."""

from __future__ import annotations

from sqlalchemy import Text, case, false, func, literal_column, or_

from entrepot.domain.listing.fields import FieldKind
from entrepot.storage.listing.arguments import argument
from entrepot.storage.listing.predicates import Condition, Expression, search_text
from entrepot.storage.listing.premium import premium_condition, premium_rank
from entrepot.storage.listing.source import Source
from entrepot.storage.listing.template import Place, PremiumTemplate, SearchTemplate, Slot
from entrepot.storage.listing.values import any_value


def search_condition(source: Source, search: SearchTemplate | PremiumTemplate) -> Condition:
    if isinstance(search, PremiumTemplate):
        return premium_condition(source, search)
    return or_(false(), *(_like(source, place, search.substring) for place in search.places))


def search_rank(source: Source, search: SearchTemplate | PremiumTemplate) -> Expression:
    """As evaluate.search_rank: the heaviest field that matches decides, then exact, prefix, contains."""
    if isinstance(search, PremiumTemplate):
        return premium_rank(source, search)
    grades = []
    for place in search.places:
        grades += [
            _equals(source, place, search.exact),
            _like(source, place, search.prefix),
            _like(source, place, search.substring),
        ]
    return case(*((condition, literal_column(str(rank))) for rank, condition in enumerate(grades)))


def _like(source: Source, place: Place, pattern: Slot) -> Condition:
    def contains(value: Expression, kind: FieldKind) -> Condition:
        return search_text(value, kind).like(func.lower(argument(pattern), type_=Text()))

    return any_value(source, place, contains)


def _equals(source: Source, place: Place, phrase: Slot) -> Condition:
    def equal(value: Expression, kind: FieldKind) -> Condition:
        return search_text(value, kind) == func.lower(argument(phrase), type_=Text())

    return any_value(source, place, equal)

"""The search of a list and its rank: on standard lists a substring of any searched field (SRCH-2, SRCH-3)."""

from __future__ import annotations

from entrepot.domain.listing.fields import FieldKind
from entrepot.storage.listing.arguments import argument
from entrepot.storage.listing.predicates import either, search_text
from entrepot.storage.listing.premium import premium_condition, premium_rank
from entrepot.storage.listing.rendering import Value
from entrepot.storage.listing.source import Source
from entrepot.storage.listing.template import FieldPlace, PremiumTemplate, SearchTemplate, Slot
from entrepot.storage.listing.values import any_value


def search_condition(source: Source, search: SearchTemplate | PremiumTemplate) -> str:
    if isinstance(search, PremiumTemplate):
        return premium_condition(source, search)
    return either([_holds(source, place, "LIKE", search.substring) for place in search.places])


def search_rank(source: Source, search: SearchTemplate | PremiumTemplate) -> str:
    """As evaluate.search_rank: the heaviest field that matches decides, then exact, prefix, contains."""
    if isinstance(search, PremiumTemplate):
        return premium_rank(source, search)
    grades = []
    for place in search.places:
        grades += [
            _holds(source, place, "=", search.exact),
            _holds(source, place, "LIKE", search.prefix),
            _holds(source, place, "LIKE", search.substring),
        ]
    cases = " ".join(f"WHEN {condition} THEN {rank}" for rank, condition in enumerate(grades))
    return f"CASE {cases} END"


def _holds(source: Source, place: FieldPlace, operator: str, text: Slot) -> str:
    def holds(value: Value, kind: FieldKind) -> str:
        return f"{search_text(value, kind)} {operator} lower({argument(text)})"

    return any_value(source, place, holds)

"""ORDER BY: the expressions of the indexes, null lowest (SRCH-7)."""

from __future__ import annotations

from dataclasses import dataclass

from entrepot.domain.listing.fields import TEXT_KINDS, FieldKind, FieldPath
from entrepot.storage.listing.predicates import json_text, lowered
from entrepot.storage.listing.rendering import Value
from entrepot.storage.listing.source import Source
from entrepot.storage.listing.template import OrderTemplate
from entrepot.storage.listing.values import first_xp_value, scalar_value

_REVERSED = {"ASC": "DESC", "ASC NULLS FIRST": "DESC NULLS LAST"}
_REVERSED |= {there: here for here, there in _REVERSED.items()}


@dataclass(frozen=True, slots=True)
class Term:
    """What rows are sorted by, and in which direction."""

    value: str
    direction: str = "ASC"

    def __str__(self) -> str:
        return f"{self.value} {self.direction}"

    def reversed(self) -> Term:
        """The last first; by the same index."""
        return Term(self.value, _REVERSED[self.direction])


def order_by(source: Source, order: tuple[OrderTemplate, ...]) -> list[Term]:
    return [term for entry in order for term in _terms(source, entry)]


def sort_expression(value: Value, path: FieldPath) -> str:
    """What a field sorts by: text in lower case (citext as it is), enums by position."""
    if path.kind is FieldKind.ENUM:
        if not all(name.isalnum() for name in path.enum_values):
            raise ValueError(f"not plain words: {path.enum_values}")
        names = ", ".join(f"'{name}'" for name in path.enum_values)
        return f"array_position(CAST(ARRAY[{names}] AS TEXT[]), {value.sql})"
    if path.kind in TEXT_KINDS and not value.is_citext:
        return lowered(value)
    return value.sql


def direction(*, descending: bool, nullable: bool) -> str:
    """With null lowest. A column without nulls gets no NULLS clause, as the index of a key has none."""
    if not nullable:
        return "DESC" if descending else "ASC"
    return "DESC NULLS LAST" if descending else "ASC NULLS FIRST"


def _terms(source: Source, entry: OrderTemplate) -> list[Term]:
    if entry.place.path.kind is FieldKind.XP:
        turned = direction(descending=entry.descending, nullable=True)
        return [Term(value, turned) for value in _xp_terms(first_xp_value(source, entry.place))]
    path = entry.place.path
    value = source.sort_value(path.name) if path.repeated else scalar_value(source, entry.place)
    turned = direction(descending=entry.descending, nullable=value.nullable)
    return [Term(sort_expression(value, path), turned)]


def _xp_terms(value: str) -> list[str]:
    """Rank of the type, then the value: null and objects, booleans, numbers, strings."""
    json_type, text = f"jsonb_typeof({value})", json_text(value)
    return [
        f"CASE {json_type} WHEN 'boolean' THEN 1 WHEN 'number' THEN 2 WHEN 'string' THEN 3 ELSE 0 END",
        f"CASE WHEN {json_type} = 'boolean' THEN CAST({text} AS BOOLEAN) END",
        f"CASE WHEN {json_type} = 'number' THEN CAST({text} AS NUMERIC) END",
        f"CASE WHEN {json_type} = 'string' THEN lower({text}) END",
    ]

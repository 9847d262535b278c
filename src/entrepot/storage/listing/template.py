"""The structure of a list request apart from its values.

Two requests with equal templates have the same SQL and differ in arguments alone. The SQL is made from the template and
nothing else, so that no text of a caller can reach a statement.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from entrepot.domain.listing.fields import FieldPath
from entrepot.domain.listing.filters import Operator


class SlotType(Enum):
    """The SQL type of an argument."""

    TEXT = "text"
    TEXTS = "text[]"
    NUMERIC = "numeric"
    NUMERICS = "numeric[]"
    BIGINT = "bigint"
    BIGINTS = "bigint[]"
    BOOLEAN = "boolean"
    BOOLEANS = "boolean[]"
    INSTANT = "timestamptz"
    INSTANTS = "timestamptz[]"
    JSONPATH = "jsonpath"


@dataclass(frozen=True, slots=True)
class Slot:
    """The place of an argument in a statement."""

    index: int
    type: SlotType


class Arguments:
    """The values of a request, in the order of their slots."""

    def __init__(self) -> None:
        self.values: list[Any] = []

    def add(self, value: Any, type_: SlotType) -> Slot:
        self.values.append(value)
        return Slot(len(self.values) - 1, type_)


@dataclass(frozen=True, slots=True)
class FieldPlace:
    """A field as the SQL needs it: an xp path's keys are an argument, `keys`; the rest is structure."""

    path: FieldPath
    keys: Slot | None = None


@dataclass(frozen=True, slots=True)
class Clause:
    """What the values of a field must satisfy; EQUAL stands for being any of several values."""

    operator: Operator
    slots: tuple[Slot, ...] = ()
    negated: bool = False


@dataclass(frozen=True, slots=True)
class FieldClauses:
    """A field test: one of the clauses holds. `place` is None for a name that matches nothing."""

    place: FieldPlace | None
    clauses: tuple[Clause, ...] = ()


@dataclass(frozen=True, slots=True)
class SearchTemplate:
    """The searched fields, heaviest first, and the phrase as text, as prefix pattern and as substring pattern."""

    places: tuple[FieldPlace, ...]
    exact: Slot
    prefix: Slot
    substring: Slot
    ranked: bool

    @property
    def searched(self) -> bool:
        """Whether there is a field to search."""
        return bool(self.places)


@dataclass(frozen=True, slots=True)
class TextQuery:
    """A text query as arguments: over the stored columns; with the prominent fields alone; over one other value."""

    stored: Slot
    prominent: Slot
    other: Slot


@dataclass(frozen=True, slots=True)
class PremiumTemplate:
    """A search by words (SRCH-4).

    stored: whether fields of the stored columns are searched; prominent: whether prominent ones are among them.
    others: searched fields beyond them.
    match: what a row must satisfy. spread: whether moreover each term must be found somewhere, stored or not.
    phrase, terms: what ranks; the arguments of `terms` are arrays, one query for each term.
    stemmed, stemmed_match: whether the terms, and `match`, are compared by stems.
    """

    stored: bool
    prominent: bool
    others: tuple[FieldPlace, ...]
    match: TextQuery
    spread: bool
    phrase: TextQuery
    terms: TextQuery
    stemmed: bool
    stemmed_match: bool
    ranked: bool

    @property
    def searched(self) -> bool:
        """Whether there is a field to search."""
        return self.stored or bool(self.others)


@dataclass(frozen=True, slots=True)
class OrderTemplate:
    place: FieldPlace
    descending: bool


@dataclass(frozen=True, slots=True)
class Template:
    """A whole request; `offset` is None on the first page, `lead` says whether the source's own order comes first."""

    conditions: tuple[tuple[FieldClauses, ...], ...]
    search: SearchTemplate | PremiumTemplate | None
    order: tuple[OrderTemplate, ...]
    lead: bool
    page_size: int
    offset: Slot | None

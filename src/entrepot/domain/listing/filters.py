r"""The value of a filter, read as typed alternatives (FLT-6, FLT-8).

value = alt { "|" alt }     alt = { "!" } [ cmp ] operand     "\" makes the next character literal
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum

from entrepot.domain.listing.budget import MAX_VALUE_LENGTH, MAX_WILDCARDS, WILDCARDS_OF_A_LOOK
from entrepot.domain.listing.fields import NUMBER_KINDS, TEXT_KINDS, FieldKind, FieldPath
from entrepot.domain.listing.literals import (
    XpLiteral,
    read_boolean,
    read_date,
    read_enum,
    read_number,
    read_xp,
)
from entrepot.kernel.errors import InvalidTypeError


class Operator(Enum):
    EQUAL = "="
    PATTERN = "like"
    GREATER = ">"
    GREATER_OR_EQUAL = ">="
    LESS = "<"
    LESS_OR_EQUAL = "<="
    PRESENT = "*"
    EMPTY = ""


COMPARISONS = frozenset({Operator.GREATER, Operator.GREATER_OR_EQUAL, Operator.LESS, Operator.LESS_OR_EQUAL})

_OPPOSITE = {
    Operator.GREATER: Operator.LESS_OR_EQUAL,
    Operator.LESS_OR_EQUAL: Operator.GREATER,
    Operator.LESS: Operator.GREATER_OR_EQUAL,
    Operator.GREATER_OR_EQUAL: Operator.LESS,
}
_SIGNS = {
    ">=": Operator.GREATER_OR_EQUAL,
    "=>": Operator.GREATER_OR_EQUAL,
    "<=": Operator.LESS_OR_EQUAL,
    "=<": Operator.LESS_OR_EQUAL,
    ">": Operator.GREATER,
    "<": Operator.LESS,
    "=": Operator.EQUAL,
}

_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_WILDCARDS = re.compile(r"\*+")
# An escaped special character is a lone surrogate until the value is cut, since no decoded text holds one.
_PROTECTED = {character: chr(0xD800 + index) for index, character in enumerate("|*!<>=\\")}
_UNPROTECTED = {ord(stand_in): character for character, stand_in in _PROTECTED.items()}

Pattern = tuple[str, ...]
"""The literal pieces between wildcards: `Jo*n` is ("Jo", "n"), `*x` is ("", "x")."""

Literal = str | bool | int | Decimal | datetime | XpLiteral | Pattern | None
"""str for text, an int position for enums, Decimal for numbers; None with PRESENT and EMPTY."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """One of the values that a filter accepts. Only EQUAL, PATTERN, PRESENT and EMPTY are ever negated."""

    operator: Operator
    literal: Literal = None
    negated: bool = False


@dataclass(frozen=True, slots=True)
class FieldTest:
    """Alternatives of which the values of one field must satisfy at least one.

    A path of None is a name that a premium list does not know; it matches nothing (FLT-3).
    """

    path: FieldPath | None
    alternatives: tuple[Alternative, ...]


@dataclass(frozen=True, slots=True)
class FilterCondition:
    """One filter: at least one of the tests holds. There are several only for a field-level OR (FLT-5)."""

    tests: tuple[FieldTest, ...]


@dataclass(frozen=True, slots=True)
class RawAlternative:
    """An alternative before its operand is read as a type."""

    negated: bool
    operator: Operator
    pieces: Pattern

    @property
    def text(self) -> str:
        return "*".join(self.pieces)

    @property
    def is_plain(self) -> bool:
        """Whether it asks for equality with a text that is not empty."""
        return (
            self.operator is Operator.EQUAL
            and not self.negated
            and len(self.pieces) == 1
            and self.pieces != ("",)
        )


def split_alternatives(name: str, value: str) -> tuple[RawAlternative, ...]:
    """The alternatives of a filter's value, which comes from UTF-8 and so holds no surrogates.

    Raises InvalidTypeError for values beyond the limits or with NUL.
    """
    if len(value) > MAX_VALUE_LENGTH or "\0" in value:
        raise InvalidTypeError(name)
    if "\\" in value:
        value = _ESCAPE.sub(lambda match: _PROTECTED.get(match[1], match[1]), value)
    return tuple(_raw_alternative(name, text) for text in value.split("|"))


def looks_of(raw: tuple[RawAlternative, ...]) -> int:
    """What the alternatives cost for each field: those of equality together one look, every other at least one."""
    equal = sum(each.is_plain for each in raw)
    others = (max(1, -(-(len(each.pieces) - 1) // WILDCARDS_OF_A_LOOK)) for each in raw if not each.is_plain)
    return min(equal, 1) + sum(others)


def typed_alternatives(path: FieldPath, raw: tuple[RawAlternative, ...]) -> tuple[Alternative, ...]:
    """The alternatives with literals of the property's type. Raises InvalidTypeError (FLT-4)."""
    return tuple(_typed(path, alternative) for alternative in raw)


def _raw_alternative(name: str, text: str) -> RawAlternative:
    operand = text.lstrip("!")
    negated = (len(text) - len(operand)) % 2 == 1
    sign = operand[:2] if operand[:2] in _SIGNS else operand[:1]
    operator = _SIGNS.get(sign, Operator.EQUAL)
    if sign in _SIGNS:
        operand = operand[len(sign) :]
    pieces = tuple(_WILDCARDS.split(operand)) if "*" in operand else (operand,)
    if len(pieces) > MAX_WILDCARDS + 1:
        raise InvalidTypeError(name)
    return RawAlternative(negated, operator, tuple(piece.translate(_UNPROTECTED) for piece in pieces))


def _typed(path: FieldPath, raw: RawAlternative) -> Alternative:
    if raw.operator in COMPARISONS:
        operator = _OPPOSITE[raw.operator] if raw.negated else raw.operator
        return Alternative(operator, _comparable(path, raw.text))
    if raw.pieces == ("",):
        return Alternative(Operator.EMPTY, negated=raw.negated)
    if raw.pieces == ("", ""):
        return Alternative(Operator.PRESENT, negated=raw.negated)
    if len(raw.pieces) > 1:
        if path.kind not in TEXT_KINDS | {FieldKind.ENUM, FieldKind.XP}:
            raise InvalidTypeError(path.full_name, raw.text)
        return Alternative(Operator.PATTERN, raw.pieces, raw.negated)
    return Alternative(Operator.EQUAL, _literal(path, raw.text), raw.negated)


def _comparable(path: FieldPath, text: str) -> Literal:
    if path.kind is FieldKind.BOOLEAN:
        raise InvalidTypeError(path.full_name, text)
    return _literal(path, text)


def _literal(path: FieldPath, text: str) -> Literal:
    literal: Literal = None
    if path.kind in TEXT_KINDS:
        literal = text
    elif path.kind is FieldKind.XP:
        literal = read_xp(text)
    elif path.kind is FieldKind.ENUM:
        literal = read_enum(text, path.enum_values)
    elif path.kind is FieldKind.BOOLEAN:
        literal = read_boolean(text)
    elif path.kind in NUMBER_KINDS:
        literal = read_number(text.strip())
    elif path.kind is FieldKind.DATE:
        literal = read_date(text)
    if literal is None:
        raise InvalidTypeError(path.full_name, text)
    return literal

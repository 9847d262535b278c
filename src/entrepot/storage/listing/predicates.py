"""What one value must satisfy, in SQL: the typed comparisons of FLT-8 and the texts that a search sees."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import (
    ARRAY,
    TIMESTAMP,
    Boolean,
    ColumnElement,
    Numeric,
    Text,
    and_,
    any_,
    case,
    cast,
    false,
    func,
    literal_column,
    select,
)

from entrepot.domain.listing.fields import TEXT_KINDS, FieldKind
from entrepot.domain.listing.filters import Operator
from entrepot.domain.listing.literals import ISO_DATE_PATTERN, MAX_NUMBER_LENGTH, NUMBER_PATTERN
from entrepot.storage.columns import Citext
from entrepot.storage.listing.arguments import MANY, argument
from entrepot.storage.listing.template import Clause, Slot, SlotType

Expression = ColumnElement[Any]
Condition = ColumnElement[bool]

_COMPARE: dict[Operator, Callable[[Expression, Any], Condition]] = {
    Operator.EQUAL: lambda left, right: left == right,
    Operator.GREATER: lambda left, right: left > right,
    Operator.GREATER_OR_EQUAL: lambda left, right: left >= right,
    Operator.LESS: lambda left, right: left < right,
    Operator.LESS_OR_EQUAL: lambda left, right: left <= right,
}


def satisfies(value: Expression, kind: FieldKind, clause: Clause) -> Condition:
    """EQUAL, PATTERN or a comparison of one value; NULL where the value is."""
    if kind is FieldKind.XP:
        return _xp_satisfies(value, clause)
    (slot,) = clause.slots
    if clause.operator is Operator.PATTERN:
        return lowered(value).like(func.lower(argument(slot)))
    if kind in TEXT_KINDS:
        return _text_satisfies(value, clause.operator, slot)
    if slot.type in MANY:
        return value == any_(argument(slot))
    return _COMPARE[clause.operator](value, argument(slot))


def is_present(value: Expression, kind: FieldKind) -> Condition:
    if kind is FieldKind.XP:
        return func.jsonb_typeof(value) != literal_texts("null")[0]
    return value.is_not(None)


def is_blank(value: Expression, kind: FieldKind) -> Condition:
    """Whether the value is the empty string."""
    if kind is FieldKind.XP:
        return value == literal_column("'\"\"'::jsonb")
    if kind in TEXT_KINDS:
        return value == literal_column("''")
    return false()


def lowered(value: Expression) -> Expression:
    """The form in which strings compare; the very expression of the indexes."""
    return func.lower(cast(value, Text()) if isinstance(value.type, Citext) else value, type_=Text())


def search_text(value: Expression, kind: FieldKind) -> Expression:
    """What a search sees of a value, in lower case, as evaluate.search_text says."""
    if kind is FieldKind.XP:
        return case(
            (func.jsonb_typeof(value).in_(literal_texts("string", "number")), func.lower(json_text(value)))
        )
    if kind is FieldKind.BOOLEAN:
        return cast(value, Text())
    if kind is FieldKind.DATE:
        utc = func.timezone(literal_column("'UTC'"), value)
        return func.lower(func.to_char(utc, literal_column("'YYYY-MM-DD\"T\"HH24:MI:SS'")), type_=Text())
    if kind in {FieldKind.INTEGER, FieldKind.DECIMAL}:
        return cast(func.trim_scale(cast(value, Numeric())), Text())
    return lowered(value)


def json_text(value: Expression) -> Expression:
    """A jsonb scalar as text; NULL for JSON's null."""
    return value.op("#>>", return_type=Text())(literal_column("'{}'::text[]"))


def typed(value: Expression, kind: FieldKind) -> Expression:
    """A jsonb value of a native field as a value of its type; NULL for JSON's null and for what is not of the type."""
    json_type, text = func.jsonb_typeof(value), json_text(value)
    if kind is FieldKind.BOOLEAN:
        return case((json_type == literal_texts("boolean")[0], cast(text, Boolean())))
    if kind in {FieldKind.INTEGER, FieldKind.DECIMAL}:
        return case((json_type == literal_texts("number")[0], cast(text, Numeric())))
    if kind is FieldKind.DATE:
        return case((_is_date(text), _instant(text)))
    if kind in {FieldKind.OBJECT, FieldKind.LIST}:
        return case((json_type != literal_texts("null")[0], value))
    return text


def literal_texts(*words: str) -> list[Expression]:
    """Constants of our own in the SQL; never for a caller's text."""
    if not all(word.isalnum() for word in words):
        raise ValueError(f"not plain words: {words}")
    return [literal_column(f"'{word}'", Text()) for word in words]


def _text_satisfies(value: Expression, operator: Operator, slot: Slot) -> Condition:
    if isinstance(value.type, Citext):
        # The cast on top makes it citext's comparison, which is the one of the key's index.
        right = cast(argument(slot), ARRAY(Citext()) if slot.type in MANY else Citext())
        return value == any_(right) if slot.type in MANY else _COMPARE[operator](value, right)
    if slot.type in MANY:
        return lowered(value) == any_(_lowered_array(slot))
    return _COMPARE[operator](lowered(value), func.lower(argument(slot), type_=Text()))


def _lowered_array(slot: Slot) -> Expression:
    """The texts of an array argument in lower case; evaluated once a statement."""
    texts = func.unnest(argument(slot), type_=Text()).column_valued()
    lowered_texts = select(func.lower(texts)).scalar_subquery()
    return func.array(lowered_texts, type_=ARRAY(Text()))


def _xp_satisfies(value: Expression, clause: Clause) -> Condition:
    json_type, text = func.jsonb_typeof(value), json_text(value)
    number, lower_text = cast(text, Numeric()), func.lower(json_text(value), type_=Text())
    if clause.operator is Operator.PATTERN:
        like = lower_text.like(func.lower(argument(clause.slots[0])))
        return case((json_type.in_(literal_texts("string", "number")), like), else_=false())
    if clause.operator is Operator.EQUAL:
        texts, numbers = clause.slots
        return case(
            (json_type.in_(literal_texts("string", "boolean")), lower_text == any_(_lowered_array(texts))),
            (json_type == literal_texts("number")[0], number == any_(argument(numbers))),
            else_=false(),
        )
    return _xp_compares(json_type, text, number, clause)


def _xp_compares(json_type: Expression, text: Expression, number: Expression, clause: Clause) -> Condition:
    """Strings compare as dates or numbers if both sides read as such, else as text; CASE keeps the casts safe."""
    compare = _COMPARE[clause.operator]
    text_slot, *typed_slot = clause.slots
    as_text = compare(func.lower(text, type_=Text()), func.lower(argument(text_slot), type_=Text()))
    is_string = json_type == literal_texts("string")[0]
    if not typed_slot:
        return case((is_string, as_text), else_=false())
    literal = argument(typed_slot[0])
    if typed_slot[0].type is SlotType.INSTANT:
        as_date = case((_is_date(text), compare(_instant(text), literal)), else_=as_text)
        return case((is_string, as_date), else_=false())
    as_number = case((_is_number(text), compare(number, literal)), else_=as_text)
    is_number = json_type == literal_texts("number")[0]
    return case((is_string, as_number), (is_number, compare(number, literal)), else_=false())


def _is_number(text: Expression) -> Condition:
    return and_(func.length(text) <= literal_column(str(MAX_NUMBER_LENGTH)), _matches(text, NUMBER_PATTERN))


def _is_date(text: Expression) -> Condition:
    return _matches(text, ISO_DATE_PATTERN)


def _matches(text: Expression, pattern: str) -> Condition:
    return text.op("~", return_type=Boolean())(_whole(pattern))


def _whole(pattern: str) -> Expression:
    return literal_column(f"'^(?:{pattern})$'", Text())


def _instant(text: Expression) -> Expression:
    """The instant of a text that `_is_date`: no time means midnight, no offset UTC; a seventh digit is cut off."""
    beyond_day = func.substr(text, literal_column("12"))
    time = func.substring(beyond_day, literal_column("'^[0-9:.]{5,15}'"))
    offset = func.substring(beyond_day, literal_column("'[Zz]$|[+-].*$'"))
    written = func.concat(
        func.left(text, literal_column("10")),
        literal_column("'T'"),
        func.coalesce(time, literal_column("'00:00'")),
        func.coalesce(offset, literal_column("'Z'")),
    )
    return cast(written, TIMESTAMP(timezone=True))

"""What one value must satisfy, in SQL: the typed comparisons of FLT-8 and the texts that a search sees.

A fixed text for each kind of field and operator. Each stands by itself as an operand of AND, OR and IS.
"""

from __future__ import annotations

from collections.abc import Sequence

from entrepot.domain.listing.fields import TEXT_KINDS, FieldKind
from entrepot.domain.listing.filters import Operator
from entrepot.domain.listing.literals import ISO_DATE_PATTERN, MAX_NUMBER_LENGTH, NUMBER_PATTERN
from entrepot.storage.listing.arguments import MANY, argument
from entrepot.storage.listing.rendering import Value
from entrepot.storage.listing.template import Clause, Slot, SlotType

_SIGNS = {
    Operator.EQUAL: "=",
    Operator.GREATER: ">",
    Operator.GREATER_OR_EQUAL: ">=",
    Operator.LESS: "<",
    Operator.LESS_OR_EQUAL: "<=",
}


def either(conditions: Sequence[str]) -> str:
    """Whether one of them holds; none of none does."""
    return f"({' OR '.join(conditions)})" if conditions else "false"


def satisfies(value: Value, kind: FieldKind, clause: Clause) -> str:
    """EQUAL, PATTERN or a comparison of one value; NULL where the value is."""
    if kind is FieldKind.XP:
        return _xp_satisfies(value.sql, clause)
    (slot,) = clause.slots
    if clause.operator is Operator.PATTERN:
        return f"{lowered(value)} LIKE lower({argument(slot)})"
    if kind in TEXT_KINDS:
        return _text_satisfies(value, clause.operator, slot)
    if slot.type in MANY:
        return f"{value.sql} = ANY ({argument(slot)})"
    return f"{value.sql} {_SIGNS[clause.operator]} {argument(slot)}"


def is_present(value: Value, kind: FieldKind) -> str:
    if kind is FieldKind.XP:
        return f"jsonb_typeof({value.sql}) != 'null'"
    return f"{value.sql} IS NOT NULL"


def is_blank(value: Value, kind: FieldKind) -> str:
    """Whether the value is the empty string."""
    if kind is FieldKind.XP:
        return f"{value.sql} = '\"\"'::jsonb"
    if kind in TEXT_KINDS:
        return f"{value.sql} = ''"
    return "false"


def lowered(value: Value) -> str:
    """The form in which strings compare; the very expression of the indexes."""
    return f"lower(CAST({value.sql} AS TEXT))" if value.is_citext else f"lower({value.sql})"


def search_text(value: Value, kind: FieldKind) -> str:
    """What a search sees of a value, in lower case, as evaluate.search_text says."""
    if kind is FieldKind.XP:
        text = f"lower({json_text(value.sql)})"
        return f"CASE WHEN jsonb_typeof({value.sql}) IN ('string', 'number') THEN {text} END"
    if kind is FieldKind.BOOLEAN:
        return f"CAST({value.sql} AS TEXT)"
    if kind is FieldKind.DATE:
        return f"""lower(to_char(timezone('UTC', {value.sql}), 'YYYY-MM-DD"T"HH24:MI:SS'))"""
    if kind in {FieldKind.INTEGER, FieldKind.DECIMAL}:
        return f"CAST(trim_scale(CAST({value.sql} AS NUMERIC)) AS TEXT)"
    return lowered(value)


def json_text(value: str) -> str:
    """A jsonb scalar as text; NULL for JSON's null."""
    return f"({value} #>> '{{}}'::text[])"


def typed(value: str, kind: FieldKind) -> Value:
    """A jsonb value of a native field as a value of its type; NULL for JSON's null and for what is not of the type."""
    json_type, text = f"jsonb_typeof({value})", json_text(value)
    if kind is FieldKind.BOOLEAN:
        return Value(f"CASE WHEN {json_type} = 'boolean' THEN CAST({text} AS BOOLEAN) END")
    if kind in {FieldKind.INTEGER, FieldKind.DECIMAL}:
        return Value(f"CASE WHEN {json_type} = 'number' THEN CAST({text} AS NUMERIC) END")
    if kind is FieldKind.DATE:
        return Value(f"CASE WHEN {_is_date(text)} THEN {_instant(text)} END")
    if kind in {FieldKind.OBJECT, FieldKind.LIST}:
        return Value(f"CASE WHEN {json_type} != 'null' THEN {value} END")
    return Value(text)


def _text_satisfies(value: Value, operator: Operator, slot: Slot) -> str:
    given = argument(slot)
    if value.is_citext:
        # The cast on top makes it citext's comparison, which is the one of the key's index.
        if slot.type in MANY:
            return f"{value.sql} = ANY (CAST({given} AS CITEXT[]))"
        return f"{value.sql} {_SIGNS[operator]} CAST({given} AS CITEXT)"
    if slot.type in MANY:
        return f"{lowered(value)} = ANY ({_lowered_array(slot)})"
    return f"{lowered(value)} {_SIGNS[operator]} lower({given})"


def _lowered_array(slot: Slot) -> str:
    """The texts of an array argument in lower case; evaluated once a statement."""
    return f"ARRAY(SELECT lower(given) FROM unnest({argument(slot)}) AS given)"


def _xp_satisfies(value: str, clause: Clause) -> str:
    json_type, text = f"jsonb_typeof({value})", json_text(value)
    if clause.operator is Operator.PATTERN:
        like = f"lower({text}) LIKE lower({argument(clause.slots[0])})"
        return f"CASE WHEN {json_type} IN ('string', 'number') THEN {like} ELSE false END"
    if clause.operator is Operator.EQUAL:
        texts, numbers = clause.slots
        return (
            f"CASE WHEN {json_type} IN ('string', 'boolean') THEN lower({text}) = ANY ({_lowered_array(texts)})"
            f" WHEN {json_type} = 'number' THEN CAST({text} AS NUMERIC) = ANY ({argument(numbers)}) ELSE false END"
        )
    return _xp_compares(json_type, text, clause)


def _xp_compares(json_type: str, text: str, clause: Clause) -> str:
    """Strings compare as dates or numbers if both sides read as such, else as text; CASE keeps the casts safe."""
    sign = _SIGNS[clause.operator]
    text_slot, *typed_slot = clause.slots
    as_text = f"lower({text}) {sign} lower({argument(text_slot)})"
    if not typed_slot:
        return f"CASE WHEN {json_type} = 'string' THEN {as_text} ELSE false END"
    literal = argument(typed_slot[0])
    if typed_slot[0].type is SlotType.INSTANT:
        as_date = f"CASE WHEN {_is_date(text)} THEN {_instant(text)} {sign} {literal} ELSE {as_text} END"
        return f"CASE WHEN {json_type} = 'string' THEN {as_date} ELSE false END"
    compared = f"CAST({text} AS NUMERIC) {sign} {literal}"
    as_number = f"CASE WHEN {_is_number(text)} THEN {compared} ELSE {as_text} END"
    return (
        f"CASE WHEN {json_type} = 'string' THEN {as_number}"
        f" WHEN {json_type} = 'number' THEN {compared} ELSE false END"
    )


def _is_number(text: str) -> str:
    return f"length({text}) <= {MAX_NUMBER_LENGTH} AND {text} ~ '^(?:{NUMBER_PATTERN})$'"


def _is_date(text: str) -> str:
    return f"{text} ~ '^(?:{ISO_DATE_PATTERN})$'"


def _instant(text: str) -> str:
    """The instant of a text that `_is_date`: no time means midnight, no offset UTC; a seventh digit is cut off."""
    beyond_day = f"substr({text}, 12)"
    time = f"coalesce(substring({beyond_day} FROM '^[0-9:.]{{5,15}}'), '00:00')"
    offset = f"coalesce(substring({beyond_day} FROM '[Zz]$|[+-].*$'), 'Z')"
    return f"CAST(concat(left({text}, 10), 'T', {time}, {offset}) AS TIMESTAMP WITH TIME ZONE)"

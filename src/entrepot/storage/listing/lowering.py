"""From a list request to its template and arguments; runs for every request and touches no SQL."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from entrepot.domain.listing.evaluate import compare, like
from entrepot.domain.listing.fields import FieldKind, FieldPath
from entrepot.domain.listing.filters import Alternative, FieldTest, Literal, Operator, Pattern
from entrepot.domain.listing.literals import XpLiteral
from entrepot.domain.listing.ordering import list_order
from entrepot.domain.listing.request import ListRequest
from entrepot.storage.listing.source import Source
from entrepot.storage.listing.template import (
    Arguments,
    Clause,
    FieldClauses,
    FieldPlace,
    OrderTemplate,
    PremiumTemplate,
    SearchTemplate,
    Slot,
    SlotType,
    Template,
)
from entrepot.storage.listing.text_queries import is_stored, premium_template

_LIKE_SPECIAL = str.maketrans({"\\": "\\\\", "%": "\\%", "_": "\\_"})
_INT64_DIGITS = 18

_ONE_AND_MANY = {
    FieldKind.STRING: (SlotType.TEXT, SlotType.TEXTS),
    FieldKind.ID: (SlotType.TEXT, SlotType.TEXTS),
    FieldKind.ENUM: (SlotType.TEXT, SlotType.TEXTS),
    FieldKind.BOOLEAN: (SlotType.BOOLEAN, SlotType.BOOLEANS),
    FieldKind.INTEGER: (SlotType.BIGINT, SlotType.BIGINTS),
    FieldKind.DECIMAL: (SlotType.NUMERIC, SlotType.NUMERICS),
    FieldKind.DATE: (SlotType.INSTANT, SlotType.INSTANTS),
}


def make_template(source: Source, request: ListRequest) -> tuple[Template, list[Any]]:
    """The structure of a request and, by slot index, its values."""
    arguments = Arguments()
    conditions = tuple(
        tuple(_field_clauses(source, test, arguments) for test in condition.tests)
        for condition in request.filters
    )
    search = _search(source, request, arguments)
    order = tuple(
        OrderTemplate(_place(source, entry.path, arguments), entry.descending)
        for entry in list_order(request, source.shape)
    )
    offset = arguments.add(request.offset, SlotType.BIGINT) if request.offset else None
    template = Template(conditions, search, order, not request.sort_by, request.page_size, offset)
    return template, arguments.values


def like_pattern(pattern: Pattern) -> str:
    return "%".join(piece.translate(_LIKE_SPECIAL) for piece in pattern)


def json_path(names: Iterable[str]) -> str:
    """The values under the names, each step and the end looking into arrays one level deep, as values_at does."""
    return f"lax ${json_steps(names)}[*]"


def json_steps(names: Iterable[str]) -> str:
    return "".join(f".{json.dumps(name, ensure_ascii=False)}" for name in names)


def _place(source: Source, path: FieldPath, arguments: Arguments) -> FieldPlace:
    if path.kind is not FieldKind.XP:
        return FieldPlace(path)
    below = source.below(path.name)
    return FieldPlace(
        replace(path, xp_keys=()), arguments.add(json_path((*below, *path.xp_keys)), SlotType.JSONPATH)
    )


def _searched_place(source: Source, path: FieldPath, arguments: Arguments) -> FieldPlace:
    """A searched field of a premium list, where `xp.a.*` is everything below xp.a (SRCH-1)."""
    if path.xp_keys[-1:] != ("*",):
        return _place(source, path, arguments)
    names = (*source.below(path.name), *path.xp_keys[:-1])
    below = f"lax ${json_steps(names)}.**"
    return FieldPlace(replace(path, xp_keys=()), arguments.add(below, SlotType.JSONPATH))


def _search(
    source: Source, request: ListRequest, arguments: Arguments
) -> SearchTemplate | PremiumTemplate | None:
    if request.search is None:
        return None
    if request.terms is not None and request.terms.words:
        others = tuple(
            _searched_place(source, path, arguments)
            for path in request.search_on
            if not is_stored(source, path)
        )
        return premium_template(source, request, request.terms, others, arguments)
    if request.terms is not None:
        # Nothing but punctuation, which is found nowhere.
        nothing = arguments.add("", SlotType.TEXT)
        return SearchTemplate((), exact=nothing, prefix=nothing, substring=nothing, ranked=False)
    places = tuple(_place(source, path, arguments) for path in request.search_on)
    return SearchTemplate(
        places,
        exact=arguments.add(request.search, SlotType.TEXT),
        prefix=arguments.add(like_pattern((request.search, "")), SlotType.TEXT),
        substring=arguments.add(like_pattern(("", request.search, "")), SlotType.TEXT),
        ranked=not request.sort_by,
    )


def _field_clauses(source: Source, test: FieldTest, arguments: Arguments) -> FieldClauses:
    """Alternatives that ask for equality become one clause, so that a list of IDs is one shape whatever its length."""
    path = test.path
    if path is None:
        return FieldClauses(None)
    place = _place(source, path, arguments)
    equal = [
        each.literal for each in test.alternatives if each.operator is Operator.EQUAL and not each.negated
    ]
    clauses = [_equal(path, equal, arguments, negated=False)] if equal else []
    clauses += [
        _clause(path, each, arguments)
        for each in test.alternatives
        if each.operator is not Operator.EQUAL or each.negated
    ]
    return FieldClauses(place, tuple(clauses))


def _clause(path: FieldPath, alternative: Alternative, arguments: Arguments) -> Clause:
    operator, literal, negated = alternative.operator, alternative.literal, alternative.negated
    if operator in {Operator.PRESENT, Operator.EMPTY}:
        return Clause(operator, negated=negated)
    if operator is Operator.EQUAL:
        return _equal(path, [literal], arguments, negated=negated)
    if path.kind is FieldKind.ENUM:
        # The declared values are few: what compares or matches is settled here.
        return _among(_enum_names(path, operator, literal), arguments, negated=negated)
    if operator is Operator.PATTERN:
        assert isinstance(literal, tuple)
        return Clause(operator, (arguments.add(like_pattern(literal), SlotType.TEXT),), negated)
    if isinstance(literal, XpLiteral):
        return Clause(operator, _xp_slots(literal, arguments))
    return Clause(operator, _slots(path.kind, [literal], arguments))


def _equal(path: FieldPath, literals: list[Literal], arguments: Arguments, *, negated: bool) -> Clause:
    if path.kind is FieldKind.XP:
        read = [literal for literal in literals if isinstance(literal, XpLiteral)]
        texts = arguments.add([literal.text for literal in read], SlotType.TEXTS)
        numbers = [literal.number for literal in read if literal.number is not None]
        return Clause(Operator.EQUAL, (texts, arguments.add(numbers, SlotType.NUMERICS)), negated)
    if path.kind is FieldKind.ENUM:
        names = [path.enum_values[position] for position in literals if isinstance(position, int)]
        return _among(names, arguments, negated=negated)
    return Clause(Operator.EQUAL, _slots(path.kind, literals, arguments), negated)


def _among(names: list[str], arguments: Arguments, *, negated: bool) -> Clause:
    one_name = len(names) == 1
    slot = arguments.add(names[0], SlotType.TEXT) if one_name else arguments.add(names, SlotType.TEXTS)
    return Clause(Operator.EQUAL, (slot,), negated)


def _enum_names(path: FieldPath, operator: Operator, literal: Literal) -> list[str]:
    if isinstance(literal, tuple):
        return [name for name in path.enum_values if like(name, literal)]
    return [name for position, name in enumerate(path.enum_values) if compare(position, literal, operator)]


def _xp_slots(literal: XpLiteral, arguments: Arguments) -> tuple[Slot, ...]:
    text = arguments.add(literal.text, SlotType.TEXT)
    if literal.number is not None:
        return (text, arguments.add(literal.number, SlotType.NUMERIC))
    if literal.instant is not None:
        return (text, arguments.add(literal.instant, SlotType.INSTANT))
    return (text,)


def _slots(kind: FieldKind, literals: list[Literal], arguments: Arguments) -> tuple[Slot, ...]:
    one, many = _ONE_AND_MANY[kind]
    values: list[Any] = list(dict.fromkeys(literals))
    if kind is FieldKind.INTEGER:
        if all(_is_int64(value) for value in values):
            values = [int(value) for value in values]
        else:
            one, many = SlotType.NUMERIC, SlotType.NUMERICS
    return (arguments.add(values[0], one) if len(values) == 1 else arguments.add(values, many),)


def _is_int64(number: Decimal) -> bool:
    return number.adjusted() < _INT64_DIGITS and number == int(number)

"""The list language over items in memory: the plain reading of section 5 to 7 that the SQL must agree with.

Items are wire objects: dicts with str, bool, int, Decimal, datetime, None, nested dicts and lists.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import Any

from entrepot.domain.listing import premium
from entrepot.domain.listing.fields import TEXT_KINDS, FieldKind, FieldPath, ListShape
from entrepot.domain.listing.filters import COMPARISONS, Alternative, FieldTest, Operator, Pattern
from entrepot.domain.listing.folding import fold
from entrepot.domain.listing.literals import XpLiteral, iso_microseconds, read_number
from entrepot.domain.listing.ordering import list_order
from entrepot.domain.listing.request import ListRequest
from entrepot.kernel.money import plain

Item = Mapping[str, Any]


def matches(item: Item, request: ListRequest) -> bool:
    """Whether the item satisfies every filter and the search."""
    return all(any(test_holds(item, test) for test in condition.tests) for condition in request.filters) and (
        request.search is None or search_rank(item, request) is not None
    )


def test_holds(item: Item, test: FieldTest) -> bool:
    """Whether a field's values satisfy one of the alternatives; a collection does if any element does (FLT-8)."""
    if test.path is None:
        return False
    path, values = test.path, values_at(item, test.path)
    return any(each.negated != any_satisfies(values, path, each) for each in test.alternatives)


def any_satisfies(values: list[Any], path: FieldPath, alternative: Alternative) -> bool:
    """The alternative without its negation."""
    if alternative.operator is Operator.EMPTY:
        return not values or "" in values
    if alternative.operator is Operator.PRESENT:
        return bool(values)
    return any(satisfies(value, path, alternative) for value in values)


def values_at(item: Any, path: FieldPath) -> list[Any]:
    """The values a path leads to, without nulls. Every step looks into the objects of a list, one level deep."""
    return [value for value in elements_at(item, path) if value is not None]


def elements_at(item: Any, path: FieldPath) -> list[Any]:
    """The values a path leads to, nulls among them."""
    values = [item]
    for name in (*path.name.split("."), *path.xp_keys):
        values = [each[name] for each in _elements(values) if isinstance(each, dict) and name in each]
    return _elements(values)


def _elements(values: list[Any]) -> list[Any]:
    """Lists replaced by their elements, one level deep."""
    return [element for value in values for element in (value if isinstance(value, list) else [value])]


def satisfies(value: Any, path: FieldPath, alternative: Alternative) -> bool:
    """Whether one value that is not null satisfies EQUAL, PATTERN or a comparison."""
    operator, literal = alternative.operator, alternative.literal
    if path.kind is FieldKind.XP:
        return _xp_satisfies(value, operator, literal)
    if operator is Operator.PATTERN:
        assert isinstance(literal, tuple)
        return like(value, literal)
    if path.kind in TEXT_KINDS:
        assert isinstance(literal, str)
        return compare(fold(value), fold(literal), operator)
    if path.kind is FieldKind.ENUM:
        return compare(path.enum_values.index(value), literal, operator)
    return compare(value, literal, operator)


def compare(value: Any, literal: Any, operator: Operator) -> bool:
    if operator is Operator.GREATER:
        return bool(value > literal)
    if operator is Operator.GREATER_OR_EQUAL:
        return bool(value >= literal)
    if operator is Operator.LESS:
        return bool(value < literal)
    if operator is Operator.LESS_OR_EQUAL:
        return bool(value <= literal)
    return bool(value == literal)


def like(text: str, pattern: Pattern) -> bool:
    """In time that grows with text and pattern alone: each piece is taken where it first stands after those before it."""
    first, *middle = (fold(piece) for piece in pattern)
    text = fold(text)
    if not middle:
        return text == first
    last = middle.pop()
    if not text.startswith(first):
        return False
    place = len(first)
    for piece in middle:
        found = text.find(piece, place)
        if found < 0:
            return False
        place = found + len(piece)
    return len(text) - len(last) >= place and text.endswith(last)


def json_text(number: Decimal | int) -> str:
    """A number of xp as JSON text, the form that patterns and search see: without exponent, scale kept."""
    text = format(Decimal(number), "f")
    return text[1:] if text.startswith("-") and not text.strip("-0.") else text


def _xp_satisfies(value: Any, operator: Operator, literal: Any) -> bool:
    """The xp rows of FLT-8. Objects and arrays within arrays satisfy nothing."""
    if isinstance(literal, tuple):
        text = _xp_text(value)
        return text is not None and like(text, literal)
    assert isinstance(literal, XpLiteral)
    if isinstance(value, bool):
        return operator is Operator.EQUAL and fold(literal.text) == str(value).lower()
    if isinstance(value, (int, Decimal)):
        return literal.number is not None and compare(value, literal.number, operator)
    if not isinstance(value, str):
        return False
    if operator in COMPARISONS:
        instant, number = iso_microseconds(value), read_number(value)
        if literal.instant is not None and instant is not None:
            return compare(instant, iso_microseconds(literal.text), operator)
        if literal.number is not None and number is not None:
            return compare(number, literal.number, operator)
    return compare(fold(value), fold(literal.text), operator)


def _xp_text(value: Any) -> str | None:
    if isinstance(value, str):
        return value
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return json_text(value)
    return None


def search_rank(item: Item, request: ListRequest) -> int | None:
    """SRCH-3, the lower the better: 3 for each heavier field, plus 0 exact, 1 prefix, 2 contains; None: no match.

    On premium lists as premium.rank says.
    """
    assert request.search is not None
    if request.terms is not None:
        return premium.rank(_searched_texts(item, request), request, request.terms)
    phrase = fold(request.search)
    for place, path in enumerate(request.search_on):
        texts = [
            fold(text) for value in values_at(item, path) if (text := search_text(value, path)) is not None
        ]
        grades = [
            0 if text == phrase else 1 if text.startswith(phrase) else 2 for text in texts if phrase in text
        ]
        if grades:
            return 3 * place + min(grades)
    return None


def _searched_texts(item: Item, request: ListRequest) -> premium.Texts:
    found = {}
    for path in request.search_on:
        values = values_below(item, path) if path.xp_keys[-1:] == ("*",) else values_at(item, path)
        found[path] = [text for value in values if (text := search_text(value, path)) is not None]
    return found


def values_below(item: Item, path: FieldPath) -> list[Any]:
    """The values at any depth below a path that ends in `*`."""
    found = []
    left = values_at(item, replace(path, xp_keys=path.xp_keys[:-1]))
    while left:
        value = left.pop()
        found.append(value)
        left += value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return found


def search_text(value: Any, path: FieldPath) -> str | None:
    """What a search sees of a value: dates to the second, numbers of native fields without trailing zeros."""
    if path.kind is FieldKind.XP:
        return _xp_text(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds")[:19]
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, Decimal)):
        return json_text(plain(Decimal(value)))
    return str(value)


def sorted_items(items: Iterable[Item], request: ListRequest, shape: ListShape) -> list[Item]:
    """The items in the list's order: by search rank if there is one and no sortBy (SRCH-3), then as `list_order` says."""
    ordered = list(items)
    for entry in reversed(list_order(request, shape)):
        ordered.sort(key=partial(sort_key, path=entry.path), reverse=entry.descending)
    if request.search is not None and not request.sort_by:
        ordered.sort(key=lambda item: search_rank(item, request) or 0)
    return ordered


def sort_key(item: Item, path: FieldPath) -> tuple[int, Any]:
    """SRCH-7: null lowest; in xp then booleans, numbers and strings, an array by its first element."""
    value = next(iter(elements_at(item, path)), None)
    if value is None:
        return (0, 0)
    if isinstance(value, str):
        if path.kind is FieldKind.ENUM:
            return (1, path.enum_values.index(value))
        return (3, fold(value))
    if isinstance(value, bool):
        return (1, value)
    if isinstance(value, datetime):
        return (1, value)
    if isinstance(value, (int, Decimal)):
        return (2, value)
    return (0, 0)


def page_of(items: Iterable[Item], request: ListRequest, shape: ListShape) -> list[Item]:
    """The items of the requested page."""
    found = sorted_items((item for item in items if matches(item, request)), request, shape)
    return found[request.offset : request.offset + request.page_size]

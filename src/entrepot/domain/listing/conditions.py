"""The names and filters of a query, found in the list's shape."""

from __future__ import annotations

from entrepot.domain.listing.fields import FieldPath, ListShape
from entrepot.domain.listing.filters import FieldTest, FilterCondition, split_alternatives, typed_alternatives
from entrepot.domain.listing.query import QueryPair
from entrepot.kernel.errors import InvalidPropertyError, InvalidQueryError

MAX_CONDITIONS = 100
MAX_ALTERNATIVES = 1000
MAX_NAMES = 50
MAX_NAME_LENGTH = 1000
MAX_XP_DEPTH = 50


def known_paths(names: list[str], shape: ListShape, *, unique: bool = True) -> list[FieldPath]:
    """The fields that an option names, `unique` or one for each name. Raises List.InvalidProperty."""
    if len(names) > MAX_NAMES:
        raise InvalidQueryError
    paths = [_known_path(name, shape) for name in names]
    return list(dict.fromkeys(paths)) if unique else paths


def _known_path(name: str, shape: ListShape, *, exact_case: bool = False) -> FieldPath:
    path = _checked_path(name, shape, exact_case=exact_case)
    if path is None:
        raise InvalidPropertyError(name)
    return path


def _checked_path(name: str, shape: ListShape, *, exact_case: bool) -> FieldPath | None:
    """The path of a name, None if unknown. A name that no stored key can have, or beyond the limits, is refused."""
    if len(name) > MAX_NAME_LENGTH or "\0" in name:
        raise InvalidPropertyError(name[:MAX_NAME_LENGTH].replace("\0", "\N{REPLACEMENT CHARACTER}"))
    path = shape.find(name, exact_case=exact_case)
    if path is not None and len(path.xp_keys) > MAX_XP_DEPTH:
        raise InvalidPropertyError(name)
    return path


def conditions(pairs: list[QueryPair], shape: ListShape) -> tuple[FilterCondition, ...]:
    """The filters of a query, all of which an item must satisfy (FLT-1).

    Raises List.InvalidProperty, List.InvalidType and, beyond the limits, Search.InvalidQuery.
    """
    if len(pairs) > MAX_CONDITIONS:
        raise InvalidQueryError
    read = tuple(_condition(name.strip(), value, shape) for name, value in pairs)
    count = sum(len(test.alternatives) for condition in read for test in condition.tests)
    if count > MAX_ALTERNATIVES:
        raise InvalidQueryError
    return read


def _condition(name: str, value: str, shape: ListShape) -> FilterCondition:
    """One filter. Only premium lists know field-level OR, case-sensitive names and unknown names (FLT-3, FLT-5)."""
    if not shape.premium:
        path = _known_path(name, shape)
        return FilterCondition(
            (FieldTest(path, typed_alternatives(path, split_alternatives(path.full_name, value))),)
        )
    names = name.split("|")
    if len(names) > MAX_NAMES:
        raise InvalidQueryError
    raw = split_alternatives(name[:MAX_NAME_LENGTH], value)
    paths = [_checked_path(part, shape, exact_case=True) for part in names]
    return FilterCondition(
        tuple(FieldTest(path, () if path is None else typed_alternatives(path, raw)) for path in paths)
    )

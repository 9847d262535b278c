"""The names and filters of a query, found in the list's shape."""

from __future__ import annotations

from entrepot.domain.listing.budget import MAX_NAME_LENGTH, MAX_XP_DEPTH, Budget, require_few
from entrepot.domain.listing.fields import FieldPath, ListShape
from entrepot.domain.listing.filters import (
    FieldTest,
    FilterCondition,
    looks_of,
    split_alternatives,
    typed_alternatives,
)
from entrepot.domain.listing.query import QueryPair
from entrepot.kernel.errors import InvalidPropertyError


def known_paths(names: list[str], shape: ListShape, *, unique: bool = True) -> list[FieldPath]:
    """The fields that an option names, `unique` or one for each name. Raises List.InvalidProperty and, for too many,
    Search.InvalidQuery.
    """
    require_few(len(names))
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


def conditions(pairs: list[QueryPair], shape: ListShape, budget: Budget) -> tuple[FilterCondition, ...]:
    """The filters of a query, all of which an item must satisfy (FLT-1).

    Raises List.InvalidProperty, List.InvalidType and, beyond the budget, Search.InvalidQuery.
    """
    return tuple(_condition(name.strip(), value, shape, budget) for name, value in pairs)


def _condition(name: str, value: str, shape: ListShape, budget: Budget) -> FilterCondition:
    """One filter. Only premium lists know field-level OR, case-sensitive names and unknown names (FLT-3, FLT-5)."""
    names = name.split("|") if shape.premium else [name]
    budget.compare(len(names) * (value.count("|") + 1))
    require_few(len(names))
    read = _checked_path if shape.premium else _known_path
    paths = [read(part, shape, exact_case=shape.premium) for part in names]
    shown = name[:MAX_NAME_LENGTH] if paths[0] is None else paths[0].full_name
    raw = split_alternatives(shown, value)
    budget.look(looks_of(raw) * sum(1 if path is None else shape.looks(path) for path in paths))
    return FilterCondition(
        tuple(FieldTest(path, () if path is None else typed_alternatives(path, raw)) for path in paths)
    )

"""Differences of JSON values by path; what they lead to. The order of an object's properties is nothing, that of a list counts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

Step = str | int
"""The name of a property, or a place in a list."""
Path = tuple[Step, ...]


class _Absent:
    """Neither null nor any other value."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = _Absent()


@dataclass(frozen=True, slots=True)
class Difference:
    """At a path: ABSENT stands for what one of the values does not have there."""

    path: Path
    before: Any
    after: Any


def differences(before: Any, after: Any, path: Path = ()) -> Iterator[Difference]:
    """All of them, properties by name. Lists of as many objects are compared object by object, other lists as a whole."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in sorted({*before, *after}):
            yield from differences(before.get(name, ABSENT), after.get(name, ABSENT), (*path, name))
    elif _are_objects(before) and _are_objects(after) and len(before) == len(after):
        for place, pair in enumerate(zip(before, after, strict=True)):
            yield from differences(*pair, (*path, place))
    elif not same(before, after):
        yield Difference(path, before, after)


def changed(value: Any, found: Iterable[Difference]) -> Any:
    """What `differences` leads from `value` to; `value` stays as it is."""
    for each in found:
        value = _set(value, each.path, each.after)
    return value


def same(one: Any, other: Any) -> bool:
    """Whether two values of JSON are equal: 1 is 1.0, and not true."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same(value, other[name]) for name, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if _is_number(one) and _is_number(other):
        return bool(one == other)
    return type(one) is type(other) and bool(one == other)


def path_text(path: Path) -> str:
    """`PriceBreaks[1].Price`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")


def _set(value: Any, path: Path, after: Any) -> Any:
    if not path:
        return after
    step, rest = path[0], path[1:]
    if isinstance(step, int):
        return [_set(item, rest, after) if place == step else item for place, item in enumerate(value)]
    if not rest and after is ABSENT:
        return {name: item for name, item in value.items() if name != step}
    return {**value, step: _set(value.get(step, ABSENT), rest, after)}


def _are_objects(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, Mapping) for item in value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)

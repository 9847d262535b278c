"""Every declared body with one change at a time is taken without Pydantic's models as these take it (BODY-1 to BODY-8, CONV-2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import pytest
from tests.engine.wire.test_plain import both

from entrepot.app.registry import portal_registry, registry
from entrepot.declare.types import WireType
from entrepot.declare.wire import Column, Wire
from entrepot.engine.wire.limits import limits, longest, writable

ODD: tuple[Any, ...] = (
    None, "", " ", "x", "a\n", "{inc}", "\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}", "1", "1.5", " TRUE ", "a" * 100, "a" * 101,
    True, False, 0, 1, -1, 2**31 - 1, 2**31, -(2**31), -(2**31) - 1, 10**20 - 1, 10**20, -(10**20), 10**4000,
    *map(Decimal, ("-0.0", "-0", "1.0", "1.50", "0.00000001", "0.10000000", "0.123456789", "0.000000001", "1E+2", "1E-2")),
    *map(Decimal, ("99999999999999999999.99999999", "99999999999999999999.999999999", "1E+1000", "-1.5")),
    "2021-02-08T23:10:00.9999999+02:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2021-13-01",
    {}, {"a": {"b": [1]}}, {"ID": "x"}, [], [None], [1], ["x"], ["x", None], [True], [""], [{}], [[]], [{"ID": "x"}],
)  # fmt: skip
"""What anybody may send in place of anything."""


@pytest.mark.parametrize("partial", [False, True])
def test_body_one_change_at_a_time(partial: bool) -> None:
    """Of each property, at each depth: left out, spelled otherwise, beside its other spelling, odd, on its limits and beyond them."""
    registry(), portal_registry()
    taken = left = 0
    for model in dict.fromkeys(_declared(Wire)):
        for keeps_secrets in (
            (False, True) if any(c.write_only for c in model.__columns__.values()) else (False,)
        ):
            how = {"partial": partial, "keeps_secrets": keeps_secrets}
            whole = _legal(model, nested=False)
            assert both(model, whole, **how), model
            for holder, column, nested in _places(model, whole, nested=False):
                for _ in _changes(holder, column, nested=nested):
                    if both(model, whole, **how):
                        taken += 1
                    else:
                        left += 1
            assert both(model, whole, **how), model
    assert min(taken, left) > 10_000


def _declared(wire: type[Wire]) -> Iterator[type[Wire]]:
    """Whatever there may be a body of, whether an operation takes it, an answer from abroad or a seed."""
    for each in wire.__subclasses__():
        if each.__module__.startswith("entrepot.") and each.__columns__:
            yield each
        yield from _declared(each)


def _legal(model: type[Wire], *, nested: bool) -> dict[str, Any]:
    columns = writable(model, keeps_secrets=False)
    return {name: _value(column.type, column, nested=nested) for name, column in columns.items()}


def _value(wire: WireType, column: Column, *, nested: bool) -> Any:
    within = limits(column, nested=nested)
    if wire.model is not None:
        return _legal(wire.model, nested=True)
    if wire.enum is not None:
        return list(wire.enum)[-1].value
    match wire.kind:
        case "list":
            assert wire.item is not None
            return [_value(wire.item, column, nested=nested)]
        case "string" | "password":
            return "a" * max(1, within.get("min_length", 1))
        case "integer" | "decimal":
            return int(within.get("ge", 1))
    return {"id": "abc", "boolean": True, "datetime": "2021-02-08T23:10:00.56+02:00"}.get(
        wire.kind, {"a": [1]}
    )


Place = tuple[dict[str, Any], Column, bool]


def _places(model: type[Wire], body: dict[str, Any], *, nested: bool) -> Iterator[Place]:
    """Each property with the object that holds it, and whether that is a part of another one."""
    for column in model.__columns__.values():
        yield body, column, nested
        inner = (column.type.item or column.type).model
        if inner is not None and column.writable:
            held = body[column.name]
            yield from _places(inner, held[0] if column.type.item else held, nested=True)


def _changes(holder: dict[str, Any], column: Column, *, nested: bool) -> Iterator[None]:
    """What there is as long as the generator waits; afterwards it is as it was, but for the order."""
    name = column.name
    if not column.writable:
        holder[name] = "x"
        yield
        del holder[name]
        return
    legal = holder[name]
    for value in (*ODD, *_limits(column, nested=nested)):
        holder[name] = value
        yield
    del holder[name]
    yield
    for other in (name.lower(), name.upper(), f"X{name}"):
        holder[other] = legal
        yield
        if other != name:
            holder[name] = legal
            yield
        holder.pop(other)
        holder.pop(name, None)
    holder[name] = legal
    yield


def _limits(column: Column, *, nested: bool) -> Iterator[Any]:
    """On the limits of a property, just below and just above; of a list, those of its elements and of their number."""
    values = [*_lengths(limits(column, nested=nested)), *_spellings(column.type.item or column.type)]
    if column.type.item is None:
        yield from values
        return
    legal, most = _value(column.type.item, column, nested=nested), longest(column)
    yield from ([legal, value] for value in values)
    yield [legal] * most
    yield [legal] * (most + 1)


def _lengths(within: Mapping[str, Any]) -> Iterator[Any]:
    for name, limit in within.items():
        for step in (-1, 0, 1):
            if name in ("ge", "le"):
                yield limit + step
                yield limit + step * Decimal("0.00000001")
            elif limit + step >= 0:
                yield "é" * (limit + step)
                yield " " * (limit + step)


def _spellings(wire: WireType) -> Iterator[Any]:
    for each in wire.enum or ():
        yield from (each.value, each.value.lower(), each.value.upper(), f" {each.value} ")

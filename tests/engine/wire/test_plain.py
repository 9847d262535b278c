"""Bodies that are taken without Pydantic's models have the values that these give them (BODY-1 to BODY-8, CONV-2, CONV-4)."""

from __future__ import annotations

import random
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError
from tests.engine.wire.bodies import Connection, Delivery, Thing
from tests.engine.wire.test_wire_properties import anything, legal

from entrepot.app.registry import registry
from entrepot.declare.types import WireType
from entrepot.declare.wire import Wire
from entrepot.engine.wire.models import modelled
from entrepot.engine.wire.plain import UnusualError, plain_body
from entrepot.kernel.errors import ValidationError

ROUNDS = 40
"""Bodies of each model."""
VALUES: dict[str, tuple[Any, ...]] = {
    "id": ("abc", "a b", "a" * 100, "a" * 101, "{inc}", ""),
    "string": ("text", "", " ", "a" * 101, "a" * 10_000, "1"),
    "password": ("Correct-Horse-7", "", "x" * 257),
    "integer": (0, 1, 7, -1, 2**31, "3", Decimal("1.0")),
    "decimal": (0, 3, -2, Decimal("10.00"), Decimal("1E+2"), Decimal("0.123456789"), Decimal(10) ** 20, Decimal("-0"), "2.5"),
    "boolean": (True, False, "true", 1),
    "datetime": ("2021-02-08", "2021-02-08T23:10:00.56+02:00", "0001-01-01", "soon", ""),
    "xp": ({}, {"a": [1, {"b": None}]}, [], "x"),
}  # fmt: skip


def both(model: type[Wire], payload: dict[str, Any], *, partial: bool, keeps_secrets: bool = False) -> bool:
    """Whether a body is taken without the models; then it must be as they take it, in types and order, too."""
    how: dict[str, bool] = {"partial": partial, "keeps_secrets": keeps_secrets}
    try:
        taken = plain_body(model, **how)(payload)
    except (UnusualError, PydanticCustomError):
        return False
    assert repr(taken) == repr(modelled(model, payload, **how)), payload
    return True


@given(anything | legal, st.booleans())
def test_body_whatever_is_taken_is_what_the_models_take(payload: dict[str, Any], partial: bool) -> None:
    both(Thing, payload, partial=partial)


@pytest.mark.parametrize("keeps_secrets", [False, True])
@pytest.mark.parametrize("partial", [False, True])
def test_body_every_model_takes_the_same_both_ways(partial: bool, keeps_secrets: bool) -> None:
    """Of all bodies of the API: each is taken often, and refused often, so that both are tried."""
    chance, taken, refused = random.Random(7), 0, 0
    models: list[type[Wire]] = [Thing, Connection, Delivery, *_bodies()]
    for model in models:
        assert both(model, _body(model, chance, legal=True), partial=partial, keeps_secrets=keeps_secrets), (
            model
        )
        for _ in range(ROUNDS):
            payload = _body(model, chance, legal=False)
            if both(model, payload, partial=partial, keeps_secrets=keeps_secrets):
                taken += 1
            elif _is_refused(model, payload, partial=partial, keeps_secrets=keeps_secrets):
                refused += 1
    assert min(taken, refused) > ROUNDS


@pytest.mark.parametrize(
    "payload",
    [
        {"name": "n"},
        {"Name": "n", "NAME": "m"},
        {"Name": "n", "Price": "1.5"},
        {"Name": "n", "Active": "true"},
        {"Name": "n", "ID": "{inc}"},
        {"Name": "n", "Quantity": None},
        {"Name": "n", "OwnerID": ""},
        {"Name": "n", "SalePrice": Decimal("1E+2")},
    ],
)
def test_body_other_spellings_are_left_to_the_models(payload: dict[str, Any]) -> None:
    assert not both(Thing, payload, partial=False)
    assert modelled(Thing, payload, partial=False)["Name"] == "n"


def test_conv_2_values_are_nobody_elses() -> None:
    """What a hook changes in one body stands in no other, nor in what was sent."""
    sent: dict[str, Any] = {"Name": "n", "xp": {"a": 1}, "Colors": ["Red"]}
    first, second = (plain_body(Thing, partial=False)(sent) for _ in range(2))
    first["Tags"].append("x")
    first["xp"]["b"] = 2
    first["Colors"].clear()
    assert (second["Tags"], second["xp"], sent["Colors"]) == ([], {"a": 1}, ["Red"])


def _bodies() -> Iterator[type[Wire]]:
    operations = registry().operations.values()
    yield from dict.fromkeys(each.body.model for each in operations if each.body is not None)


def _is_refused(model: type[Wire], payload: dict[str, Any], *, partial: bool, keeps_secrets: bool) -> bool:
    try:
        modelled(model, payload, partial=partial, keeps_secrets=keeps_secrets)
    except ValidationError:
        return True
    return False


def _body(model: type[Wire], chance: random.Random, *, legal: bool) -> dict[str, Any]:
    """A body with all that is required, in legal values or in any."""
    body = {}
    for column in model.__columns__.values():
        if column.required or chance.random() < 0.3:
            name = column.name if legal or chance.random() < 0.98 else column.name.lower()
            body[name] = _value(column.type, chance, legal=legal and column.writable)
            if legal and column.minimum is not None:
                body[name] = int(column.minimum)
            if legal and column.type.kind == "string":
                body[name] = "a" * (column.min_length or 1)
    return body


def _value(wire: WireType, chance: random.Random, *, legal: bool) -> Any:
    if not legal and chance.random() < 0.05:
        return chance.choice((None, 5, "x", [], {}, True))
    if wire.model is not None:
        return _body(wire.model, chance, legal=legal)
    if wire.item is not None:
        return [_value(wire.item, chance, legal=legal) for _ in range(chance.randrange(3))]
    if wire.enum is not None:
        return chance.choice(list(wire.enum)).value
    values = VALUES[wire.kind]
    return values[0] if legal or chance.random() < 0.7 else chance.choice(values)

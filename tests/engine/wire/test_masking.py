"""What is told of bodies without secrets: by the declarations, of whatever is declared (WH-6)."""

from __future__ import annotations

from typing import Any

import pytest

from entrepot.app.registry import registry
from entrepot.declare.types import WireType
from entrepot.declare.wire import Wire
from entrepot.engine.wire.masking import masked

OPERATIONS = registry().operations
MODELS: dict[str, type[Wire]] = {
    declared.model.__name__: declared.model
    for each in OPERATIONS.values()
    for declared in (each.body, each.returns)
    if declared is not None
}
SECRET, PLAIN = "secret", "plain"


def sample(model: type[Wire], inside: Any = PLAIN) -> dict[str, Any]:
    """Every property with a text, SECRET where nobody may be told of it."""
    return {
        column.name: SECRET if column.is_secret else value(column.type, inside)
        for column in model.__columns__.values()
    }


def value(wire: WireType, inside: Any) -> Any:
    if wire.item is not None:
        return [value(wire.item, inside)]
    return inside if wire.model is None else sample(wire.model, inside)


def expected(told: Any) -> Any:
    """With null for each SECRET."""
    match told:
        case dict():
            return {name: expected(inner) for name, inner in told.items()}
        case list():
            return [expected(each) for each in told]
        case _:
            return None if told == SECRET else told


@pytest.mark.parametrize("name", sorted(MODELS))
def test_wh_6_nothing_secret_is_left(name: str) -> None:
    """Of all models that operations take or give, alone and in pages, in the declared spelling and in others."""
    whole = sample(MODELS[name])
    wanted = expected(whole)
    assert masked(MODELS[name], whole) == wanted
    page = {"Meta": {}, "Items": [whole, None]}
    assert masked(MODELS[name], page)["Items"] == [wanted, None]
    folded = {each.upper(): inner for each, inner in whole.items()}
    assert masked(MODELS[name], folded) == {each.upper(): inner for each, inner in wanted.items()}
    odd: Any
    for odd in (None, "text", 1, [whole], {}):
        assert masked(MODELS[name], odd) == ([wanted] if odd == [whole] else odd)


def test_wh_6_what_is_sealed_or_opens_something_is_secret() -> None:
    """What the server itself encrypts, and what it hands out to be let in with; a new one cannot be forgotten."""
    sealed = {
        (entity.model.__name__, name)
        for entity in registry().entities.values()
        for name, column in entity.model.__columns__.items()
        if f"sealed_{name.lower()}" in {stored.name for stored in entity.stored} and not column.is_secret
    }
    opening = {
        (model.__name__, name)
        for model in MODELS.values()
        for name, column in model.__columns__.items()
        if name.lower().endswith(("_token", "secret", "password", "accesstoken", "hashkey"))
        and not column.is_secret
    }
    assert (sealed, opening) == (set(), set())

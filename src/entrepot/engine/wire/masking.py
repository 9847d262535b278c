"""Bodies without their secrets, for those who are told what others have sent and got: which properties these are, the
declarations say (WH-6).
"""

from __future__ import annotations

from typing import Any

from entrepot.declare.types import WireType
from entrepot.declare.wire import Wire


def masked(model: type[Wire], value: Any) -> Any:
    """A JSON value of this model, or a page of such, in which passwords, what is write-only and what opens something is null."""
    if not holds_secrets(model):
        return value
    if isinstance(value, dict) and value.keys() == {"Meta", "Items"} and "Items" not in model.__columns__:
        return {**value, "Items": [_object(model, item) for item in value["Items"]]}
    return _object(model, value)


def holds_secrets(model: type[Wire]) -> bool:
    """Whether objects of this model have such a property, at any depth."""
    return bool(_secrets(model))


def taken_away(model: type[Wire], body: Any, *, whole: bool) -> list[str]:
    """The secrets of an object that a body would take away, be it that it has the null of `masked` in their place. Those that are never
    shown to anybody stay where they are not sent (CONV-2), and are not among them. whole: of a PUT, which takes away what is left out, too.
    """
    given = {name.lower(): value for name, value in body.items()} if isinstance(body, dict) else {}
    return [
        name
        for name, column in model.__columns__.items()
        if column.is_secret
        and not column.write_only
        and (whole or name.lower() in given)
        and given.get(name.lower()) is None
    ]


def _secrets(model: type[Wire]) -> dict[str, type[Wire] | None]:
    """By folded name, as bodies may spell it in any case (BODY-1): None for what is masked, the model of what holds secrets."""
    known = _KNOWN.get(model)
    if known is None:
        known = _KNOWN[model] = {}
        for name, column in model.__columns__.items():
            inner = _model(column.type)
            if column.is_secret:
                known[name.lower()] = None
            elif inner is not None and holds_secrets(inner):
                known[name.lower()] = inner
    return known


_KNOWN: dict[type[Wire], dict[str, type[Wire] | None]] = {}


def _model(wire: WireType) -> type[Wire] | None:
    return wire.item.model if wire.item is not None else wire.model


def _object(model: type[Wire], value: Any) -> Any:
    if isinstance(value, list):
        return [_object(model, element) for element in value]
    if not isinstance(value, dict):
        return value
    secrets = _secrets(model)
    result = {}
    for name, inner in value.items():
        folded = name.lower()
        if folded not in secrets:
            result[name] = inner
        else:
            within = secrets[folded]
            result[name] = None if within is None else _object(within, inner)
    return result

"""Settings of which a marketplace has one (INT-2), as records: each with the word that stands for it."""

from __future__ import annotations

import enum
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from entrepot.declare.resource import Resource, Verb
from entrepot.declare.types import WireType
from entrepot.declare.wire import Column, Wire
from entrepot.features.people.integrations.hooks import HEADER_VALUE
from entrepot.features.people.integrations.resources import ALL_SINGLETONS
from entrepot.features.people.integrations.singletons import SETTING, Singleton

__all__ = ["PATHS", "PROMOTION", "REPORTING", "SECRETS", "SETTING", "SUBSCRIPTION", "WORD"]

WORD = "Setting"
"""Of a record: which one it is. It may be left out where a table has one only."""
SECRETS = ("HashKey", HEADER_VALUE)


def _model(of: Sequence[Singleton]) -> type[Wire]:
    """With the word before the properties."""
    made: Any = enum.StrEnum
    words = made(WORD, {each.setting: each.setting for each in of})
    only = of[0].setting if len(of) == 1 else None
    word = Column(
        name=WORD,
        type=WireType("enum", enum=words),
        required=only is None,
        default=only,
        computed=f"SELECT t.{SETTING}",
        stored=False,
    )
    model = of[0].entity.model
    return type(f"Seeded{model.__name__}", (Wire,), {"__columns__": {WORD: word, **model.__columns__}})


def _resource(of: Sequence[Singleton]) -> Resource:
    shared = of[0].resource
    return replace(
        shared,
        entity=replace(shared.entity, model=_model(of)),
        path=f"/integrations/{shared.name}",
        verbs=frozenset({Verb.SAVE, Verb.DELETE}),
    )


def _resources() -> dict[str, Resource]:
    found: dict[str, list[Singleton]] = defaultdict(list)
    for each in ALL_SINGLETONS:
        found[each.resource.name].append(each)
    return {name: _resource(of) for name, of in found.items()}


_RESOURCES = _resources()
PROMOTION = _RESOURCES["PromotionIntegrations"]
SUBSCRIPTION = _RESOURCES["SubscriptionIntegrations"]
REPORTING = {name: each for name, each in _RESOURCES.items() if each not in (PROMOTION, SUBSCRIPTION)}
"""Those by which changes and failures are reported."""
PATHS = {(each.resource.name, each.setting): each.path for each in ALL_SINGLETONS}
"""Where the contract shows each, by the resource and the word."""

"""What callers of a kind see of a resource: the SQL of Resource.visible, for the resource and what it lives under."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from entrepot.declare.resource import Resource
from entrepot.engine.principal import Principal
from entrepot.kernel.user_types import UserType

FACTS = ("company", "user")


@lru_cache(maxsize=1024)
def limited_kinds(resource: Resource) -> frozenset[UserType]:
    """The kinds of callers that do not see everything."""
    seen = (resource, *(within.resource for within in resource.within))
    return frozenset(kind for each in seen for kind in each.visible)


def facts_of(caller: Principal) -> dict[str, Any]:
    """What conditions may ask of a caller, by the names that they have for it."""
    return {"company": caller.company_id, "user": caller.user_key}


def named_in(*conditions: str) -> tuple[str, ...]:
    """Which of them conditions ask for, in a fixed order: statements have no places for the others."""
    return tuple(name for name in FACTS if any(f"{{{name}}}" in condition for condition in conditions))


def numbered(names: tuple[str, ...], first: int) -> dict[str, str]:
    """Placeholders for all of them, those of `names` numbered from `first` on."""
    return dict.fromkeys(FACTS, "") | {name: f"${first + i}" for i, name in enumerate(names)}


@lru_cache(maxsize=1024)
def facts_needed(resource: Resource, kind: UserType) -> tuple[str, ...]:
    """What decides what callers of a kind see of a resource and of what its path leads through."""
    seen = (resource, *(within.resource for within in resource.within))
    return named_in(*(each.visible.get(kind, "") for each in seen))


def condition(
    resource: Resource,
    kind: UserType,
    *,
    marketplace: str,
    facts: Mapping[str, str],
    place: Callable[[str], str],
) -> str:
    """The condition that an object `t` and all that its path leads through are visible; "" where everything is.

    `marketplace` and `facts` are placeholders, `place` gives that of a path parameter.
    """
    conditions = []
    if kind in resource.visible:
        conditions.append(resource.visible[kind].format(m=marketplace, **facts))
    for within in resource.within:
        if kind in within.resource.visible:
            entity = within.resource.entity
            seen = within.resource.visible[kind].format(m=marketplace, **facts)
            conditions.append(
                f"EXISTS (SELECT 1 FROM {entity.table} t WHERE t.marketplace_id = {marketplace}"
                f' AND t."{entity.id_column}" = {place(within.parameter)} AND ({seen}))'
            )
    return " AND ".join(f"({each})" for each in conditions)

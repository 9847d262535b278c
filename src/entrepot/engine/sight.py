"""What callers of a kind see of a resource: the SQL of Resource.visible, for the resource and what it lives under."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from entrepot.declare.resource import Resource
from entrepot.engine.principal import Principal
from entrepot.kernel.sql import Sql
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
    asked = {name for condition in conditions for name in Sql(condition).names}
    return tuple(name for name in FACTS if name in asked)


@lru_cache(maxsize=1024)
def facts_needed(resource: Resource, kind: UserType) -> tuple[str, ...]:
    """What decides what callers of a kind see of a resource and of what its path leads through."""
    seen = (resource, *(within.resource for within in resource.within))
    return named_in(*(each.visible.get(kind, "") for each in seen))


def condition(resource: Resource, kind: UserType) -> Sql:
    """The condition that an object `t` and all that its path leads through are visible; "" where everything is.

    Its parameters are `:marketplace_id`, those of the path and FACTS.
    """
    conditions = []
    if kind in resource.visible:
        conditions.append(resource.visible[kind])
    for within in resource.within:
        if kind in within.resource.visible:
            entity = within.resource.entity
            conditions.append(
                f"EXISTS (SELECT 1 FROM {entity.table} t WHERE t.marketplace_id = :marketplace_id"
                f' AND t."{entity.id_column}" = :{within.parameter} AND ({within.resource.visible[kind]}))'
            )
    return Sql(" AND ".join(f"({each})" for each in conditions))

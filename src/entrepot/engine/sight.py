"""What callers of a kind see of a resource: the SQL of Resource.visible, for the resource and what it lives under."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from entrepot.declare.resource import Resource
from entrepot.kernel.user_types import UserType


@lru_cache(maxsize=1024)
def limited_kinds(resource: Resource) -> frozenset[UserType]:
    """The kinds of callers that do not see everything."""
    seen = (resource, *(within.resource for within in resource.within))
    return frozenset(kind for each in seen for kind in each.visible)


@lru_cache(maxsize=1024)
def takes_company(resource: Resource, kind: UserType) -> bool:
    """Whether what callers of a kind see depends on their company; else statements have no place for it."""
    seen = (resource, *(within.resource for within in resource.within))
    return any("{company}" in each.visible.get(kind, "") for each in seen)


def condition(
    resource: Resource, kind: UserType, *, marketplace: str, company: str, place: Callable[[str], str]
) -> str:
    """The condition that an object `t` and all that its path leads through are visible; "" where everything is.

    `marketplace` and `company` are placeholders, `place` gives that of a path parameter.
    """
    conditions = []
    if kind in resource.visible:
        conditions.append(resource.visible[kind].format(m=marketplace, company=company))
    for within in resource.within:
        if kind in within.resource.visible:
            entity = within.resource.entity
            seen = within.resource.visible[kind].format(m=marketplace, company=company)
            conditions.append(
                f"EXISTS (SELECT 1 FROM {entity.table} t WHERE t.marketplace_id = {marketplace}"
                f' AND t."{entity.id_column}" = {place(within.parameter)} AND ({seen}))'
            )
    return " AND ".join(f"({each})" for each in conditions)

"""Which objects a path may reach for this caller: parents that exist, and the caller's own company only."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from entrepot.declare.resource import Resource, Within
from entrepot.declare.roles import Right
from entrepot.engine.call import Call
from entrepot.engine.sight import facts_of, named_in
from entrepot.kernel.errors import NotFoundError
from entrepot.kernel.sql import Sql
from entrepot.kernel.user_types import UserType


def target(call: Call, resource: Resource) -> Mapping[str, str]:
    """The parameters of the path by name, with those that the resource's paths imply."""
    if resource.implied is None:
        return call.path
    return {**resource.implied(call.principal), **call.path}


def is_foreign_company(call: Call, resource: Resource, object_id: str) -> bool:
    """Whether the resource is one of companies of which this caller knows only its own, and this is another."""
    if not resource.company or resource.access.of(call.principal.user_type) is not Right.OWN:
        return False
    return object_id.lower() != call.principal.company_id.lower()


def refuse_foreign_parents(call: Call, resource: Resource) -> None:
    """404 where the path leads through a company that the caller must not see (CONV-10)."""
    _refuse_foreign(call, resource.within, target(call, resource))


def leads_through_foreign(call: Call, resource: Resource) -> bool:
    """Whether the path leads through such a company."""
    given = target(call, resource)
    return any(is_foreign_company(call, each.resource, given[each.parameter]) for each in resource.within)


def _refuse_foreign(call: Call, path: tuple[Within, ...], given: Mapping[str, str]) -> None:
    for within in path:
        object_id = given[within.parameter]
        if is_foreign_company(call, within.resource, object_id):
            raise NotFoundError(within.resource.entity.object_type, object_id)


def parents(call: Call, resource: Resource) -> tuple[str, ...]:
    """The IDs of the path's parents as the path spells them, outermost first."""
    given = target(call, resource)
    return tuple(given[within.parameter] for within in resource.within)


async def require_parents(call: Call, resource: Resource) -> tuple[str, ...]:
    """The IDs of the path's parents as they are stored, outermost first; else 404 (CONV-9, ID-4). One statement."""
    return await _require(call, resource.within, target(call, resource))


async def require(call: Call, path: tuple[Within, ...]) -> tuple[str, ...]:
    """The stored IDs of the objects that a path leads through; 404 for the outermost that the caller cannot reach."""
    return await _require(call, path, call.path)


async def _require(call: Call, path: tuple[Within, ...], given: Mapping[str, str]) -> tuple[str, ...]:
    _refuse_foreign(call, path, given)
    if not path:
        return ()
    wanted = tuple(given[within.parameter] for within in path)
    kind, facts = call.principal.user_type, facts_of(call.principal)
    sql, names = _stored_ids(path, kind)
    row = await call.db.fetchrow(sql, call.marketplace_id, *wanted, *(facts[name] for name in names))
    for within, object_id, stored in zip(path, wanted, row or (), strict=True):
        if stored is None:
            raise NotFoundError(within.resource.entity.object_type, object_id)
    return tuple(row or ())


@lru_cache(maxsize=256)
def _stored_ids(path: tuple[Within, ...], kind: UserType) -> tuple[str, tuple[str, ...]]:
    """The statement, and what it takes beside the marketplace and the IDs."""
    columns = []
    names = named_in(*(within.resource.visible.get(kind, "") for within in path))
    for depth, within in enumerate(path):
        entity = within.resource.entity
        condition = "".join(f' AND t."{above.column}" = :{above.parameter}' for above in path[:depth])
        if kind in within.resource.visible:
            condition += f" AND ({within.resource.visible[kind]})"
        columns.append(
            f'(SELECT t."{entity.id_column}" FROM {entity.table} t WHERE t.marketplace_id = :marketplace_id{condition}'
            f' AND t."{entity.id_column}" = :{within.parameter})'
        )
    statement = Sql(f"SELECT {', '.join(columns)}")
    return statement.bound("marketplace_id", *(within.parameter for within in path), *names), names

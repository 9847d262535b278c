"""What reaches a buyer user: things assigned to it, to its groups or its company, each once; and its own (ASG-7)."""

from __future__ import annotations

from typing import Any

import asyncpg

from entrepot.declare.assignment import Assignment
from entrepot.declare.operation import Reply
from entrepot.declare.resource import Resource
from entrepot.engine.call import Call
from entrepot.engine.row_lists import rows_list
from entrepot.engine.rows import render
from entrepot.engine.statements import confirming, projection
from entrepot.kernel.errors import NotFoundError
from entrepot.kernel.sql import Sql

Values = dict[str, Any]

TO_USER = """
SELECT a.{key} FROM {table} a WHERE a.marketplace_id = :marketplace_id AND a.user_key = :caller"""
TO_GROUPS = """
SELECT a.{key} FROM user_group_members gm
JOIN {table} a ON a.marketplace_id = :marketplace_id AND a.group_key = gm.group_key
WHERE gm.marketplace_id = :marketplace_id AND gm.user_key = :caller"""
TO_COMPANY = """
SELECT a.{key} FROM {table} a WHERE a.marketplace_id = :marketplace_id AND a."BuyerID" = :buyer AND {no_party}"""
OWN = """
SELECT own.key FROM {table} own WHERE own.marketplace_id = :marketplace_id AND own.user_key = :caller"""
GROUPS = """
SELECT gm.group_key FROM user_group_members gm WHERE gm.marketplace_id = :marketplace_id AND gm.user_key = :caller"""


def rows_of_thing(assignment: Assignment) -> str:
    """FROM and WHERE of the assignments `a` through which one thing `t` reaches `:caller`, a user of `:buyer`."""
    (thing,) = assignment.things
    to_user = "a.user_key = :caller OR " if "user_key" in assignment.party_columns else ""
    return f"""
FROM {assignment.table} a WHERE a.marketplace_id = :marketplace_id AND a.{thing.key} = t.key AND a."BuyerID" = :buyer
    AND ({to_user}({no_party(assignment)}) OR a.group_key IN ({GROUPS}))"""


def no_party(assignment: Assignment) -> str:
    """The condition that a row is its whole company's."""
    parties = [name for name in ("user_key", "group_key") if name in assignment.party_columns]
    return " AND ".join(f"a.{name} IS NULL" for name in parties)


def reaching(resource: Resource, assignment: Assignment) -> str:
    """SELECT of the keys of all that reaches `:caller`, a user of `:buyer`. One arm for each way, by its index."""
    (thing,) = assignment.things
    arms = [TO_USER] if "user_key" in assignment.party_columns else []
    arms += [TO_GROUPS, TO_COMPANY]
    facts = {"key": thing.key, "table": assignment.table, "no_party": no_party(assignment)}
    selects = [arm.format(**facts) for arm in arms]
    if is_private(resource):
        selects.append(OWN.format(table=resource.entity.table))
    return "\nUNION ALL ".join(selects)


def is_private(resource: Resource) -> bool:
    """Whether users may have such things of their own."""
    return any(owner.table == "users" for owner in resource.entity.owners)


class Reach:
    """List and get of what reaches the caller.

    resource: how the things show themselves (never registered, it has no route of its own); assignment: how they
    reach users; current: a condition on `t`, with `:now`.
    """

    def __init__(self, resource: Resource, assignment: Assignment, *, current: str = "true") -> None:
        self.resource = resource
        keys = reaching(resource, assignment)
        self._timed = ":now" in current
        self._list = rows_list(resource, f"(t.key IN ({keys})) AND {current}")
        entity = resource.entity
        shared = " AND ".join(
            f't."{owner.stored}" ' + ("= :buyer" if owner.column == "BuyerID" else "IS NULL")
            for owner in entity.owners
        )
        reaches = f"({shared} AND EXISTS (SELECT 1 {rows_of_thing(assignment)}))"
        if is_private(resource):
            reaches = f"({reaches} OR t.user_key = :caller)"
        where = f't.marketplace_id = :marketplace_id AND t."ID" = :id AND {reaches} AND {current}'
        columns = projection(entity.model.__columns__.values())
        names = ("marketplace_id", "id", "caller", "buyer", *(("now",) if self._timed else ()))
        self._find = Sql(f"SELECT {columns} FROM {entity.table} t WHERE {where}").bound(*names)
        self._get = confirming(entity.table, columns, where).bound(*names)

    async def list(self, call: Call) -> Reply:
        """One statement, which also confirms the caller; one more for an empty page."""
        scope: Values = {"caller": call.principal.user_key, "buyer": call.principal.buyer_id}
        if self._timed:
            scope["now"] = call.clock()
        return await self._list(call, scope)

    async def get(self, call: Call) -> Reply:
        """One statement, which also confirms the caller."""
        object_id = call.path[self.resource.item]
        row = await call.db.fetchrow(self._get, *self._arguments(call, object_id))
        call.confirm(row["_epoch"] if row else None)
        if row is None or row["_found"] is None:
            raise self.missing(object_id)
        return Reply(render(call, self.resource, row))

    async def find(self, call: Call, object_id: str) -> asyncpg.Record | None:
        """The row as it stands in this unit, if it reaches the caller."""
        return await call.db.fetchrow(self._find, *self._arguments(call, object_id))

    def missing(self, object_id: str) -> NotFoundError:
        return NotFoundError(self.resource.entity.object_type, object_id)

    def _arguments(self, call: Call, object_id: str) -> tuple[Any, ...]:
        caller = call.principal
        usual = (caller.marketplace_id, object_id, caller.user_key, caller.buyer_id)
        return (*usual, call.clock()) if self._timed else usual

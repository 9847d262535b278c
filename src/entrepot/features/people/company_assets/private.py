"""The private things of a buyer user: made, changed and deleted under /me, seen nowhere else (ADR-2, ADR-3, CRD-1)."""

from __future__ import annotations

from typing import Any

from entrepot.declare.operation import Created, Reply
from entrepot.declare.wire import Column
from entrepot.engine import statements
from entrepot.engine.call import Call
from entrepot.engine.rows import from_row, render, to_row
from entrepot.engine.wire.limits import empty
from entrepot.engine.wire.merge import merge, replace
from entrepot.engine.wire.models import check_xp_size, validate
from entrepot.features.people.company_assets.reach import Reach
from entrepot.kernel.errors import ApiError

Values = dict[str, Any]


class Private:
    """The writing handlers over what a Reach shows.

    public: the refusal of writes to things that reach the caller through an assignment.
    """

    def __init__(self, reach: Reach, public: type[ApiError]) -> None:
        self.reach = reach
        self.resource = reach.resource
        self.entity = reach.resource.entity
        self.public = public
        self._columns = statements.stored_columns(self.entity)
        names = ", ".join(f'"{name}"' for name in ("key", *self._columns))
        own = f"FROM {self.entity.table} WHERE marketplace_id = $1"
        self._lock = f'SELECT {names} {own} AND user_key = $2 AND "ID" = $3 FOR NO KEY UPDATE'
        self._delete = f"DELETE {own} AND key = $2"

    async def create(self, call: Call) -> Reply:
        """POST: 201 with a generated ID, whatever the body says."""
        values = self._full(call)
        values |= {
            "ID": self.entity.generate_id(),
            "DateCreated": call.clock(),
            "user_key": call.principal.user_key,
        }
        await self._check(call, None, values)
        row = self._row(values)
        sql = statements.insert(self.entity.table, tuple(row))
        await call.db.execute(sql, call.marketplace_id, *row.values())
        return Reply(await self._read(call, values["ID"]), created=Created(values["ID"]))

    async def save(self, call: Call) -> Reply:
        """PUT: replaces, and never creates."""
        old = await self._own(call)
        await self._change(call, old, replace(self.entity.model, old, self._full(call)))
        return Reply(await self._read(call, old["ID"]))

    async def patch(self, call: Call) -> Reply:
        """PATCH: 204 (CONV-1)."""
        old = await self._own(call)
        changes = validate(self.entity.model, call.body, partial=True)
        await self._change(call, old, merge(self.entity.model, old, changes))
        return Reply()

    async def delete(self, call: Call) -> Reply:
        """DELETE: 204."""
        old = await self._own(call)
        await self.resource.hooks.check_delete(call, old)
        await call.db.execute(self._delete, call.marketplace_id, old["key"])
        return Reply()

    async def _own(self, call: Call) -> Values:
        """The row that the path names, locked: 404 unless it reaches the caller, refused unless it is its own."""
        object_id = call.path[self.resource.item]
        row = await call.db.fetchrow(self._lock, call.marketplace_id, call.principal.user_key, object_id)
        if row is not None:
            return from_row(self.entity, row)
        if await self.reach.find(call, object_id) is not None:
            raise self.public
        raise self.reach.missing(object_id)

    async def _check(self, call: Call, old: Values | None, new: Values) -> None:
        check_xp_size(new["xp"])
        self.resource.hooks.normalise(new, old)
        await self.resource.hooks.check_write(call, old, new)

    async def _change(self, call: Call, old: Values, new: Values) -> None:
        await self._check(call, old, new)
        before, after = self._row(old), self._row(new)
        row = {name: value for name, value in after.items() if value != before[name]}
        if row:
            changes = ", ".join(f'"{name}" = ${position}' for position, name in enumerate(row, 3))
            sql = f"UPDATE {self.entity.table} SET {changes} WHERE marketplace_id = $1 AND key = $2"
            await call.db.execute(sql, call.marketplace_id, old["key"], *row.values())

    async def _read(self, call: Call, object_id: str) -> Values:
        row = await self.reach.find(call, object_id)
        assert row is not None
        return render(call, self.resource, row)

    def _full(self, call: Call) -> Values:
        """A full body, with what it leaves out of the properties that hooks store."""
        values = validate(self.entity.model, call.body, partial=False)
        return {column.name: empty(column) for column in self._kept_by_hooks()} | values

    def _kept_by_hooks(self) -> list[Column]:
        return [c for c in self.entity.model.__columns__.values() if c.writable and not c.stored]

    def _row(self, values: Values) -> Values:
        return to_row(self.entity, {name: values[name] for name in self._columns if name in values})

"""The uniform verbs over one resource: get, create, save, patch, delete (CONV-1 to CONV-6). Lists are in lists.py."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, cast

import asyncpg

from entrepot.declare.entity import Entity
from entrepot.declare.operation import Created, Reply
from entrepot.declare.resource import Resource
from entrepot.declare.synced import Thing
from entrepot.engine import statements, totals
from entrepot.engine.call import Call, LostRaceError
from entrepot.engine.conflicts import refusal
from entrepot.engine.gathered import Due
from entrepot.engine.granting import check_grants
from entrepot.engine.incrementors import fill_incrementors
from entrepot.engine.recording import Recording
from entrepot.engine.references import check_references, note_renamed, references_of, refuse_named, rename
from entrepot.engine.rows import common_texts, complete, from_row, render, to_row
from entrepot.engine.scoping import (
    is_foreign_company,
    leads_through_foreign,
    parents,
    refuse_foreign_parents,
    require_parents,
    target,
)
from entrepot.engine.sight import facts_needed, facts_of, limited_kinds
from entrepot.engine.wire.merge import merge, replace
from entrepot.engine.wire.models import check_xp_size, validate
from entrepot.kernel.errors import IdExistsError, NotFoundError

Values = dict[str, Any]


class UniformVerbs:
    """The handlers of one resource. Who refers to what they rename and delete they ask of the registry, through the call."""

    def __init__(self, resource: Resource) -> None:
        self.resource = resource
        self.entity = resource.entity
        self.id_column = resource.entity.id_column
        self.sql = statements.statements(resource)
        self.limited = limited_kinds(resource)
        self._deletes: dict[frozenset[Thing], str] = {}

    # --- handlers ---------------------------------------------------------------------------------------------

    async def get(self, call: Call) -> Reply:
        """One object, in one statement that also confirms the caller (and see Resource.prewritten)."""
        refuse_foreign_parents(call, self.resource)
        object_id = self._own_id(call)
        texts = await common_texts(call, self.resource)
        row = await call.db.fetchrow(self._seen(call).get, *self._sought(call, object_id))
        call.confirm(row["_epoch"] if row else None)
        if row is None or row["_found"] is None:
            await require_parents(call, self.resource)
            raise self._missing(object_id)
        return Reply(self._render(call, row) if texts is None else complete(call, self.resource, row, texts))

    async def create(self, call: Call) -> Reply:
        """POST: 201 with the Location of the new object."""
        above = await require_parents(call, self.resource)
        values = validate(self.entity.model, call.body, partial=False)
        row = await self._insert(call, above, values)
        within = (each.parameter for each in self.resource.within)
        return Reply(row, created=Created(row[self.id_column], dict(zip(within, above, strict=True))))

    async def save(self, call: Call) -> Reply:
        """PUT: replaces the object at the URL, or creates it (CONV-2, CONV-3)."""
        object_id = self._own_id(call)
        old = await self._lock(call, object_id)
        above = await require_parents(call, self.resource) if old is None else ()
        body = call.body
        values = validate(self.entity.model, body, partial=False, keeps_secrets=old is not None)
        if not values.get(self.id_column):
            values[self.id_column] = object_id if old is None else old[self.id_column]
        if old is not None:
            before = self.resource.hooks.written(old)
            return Reply(await self._replace(call, old, before, replace(self.entity.model, before, values)))
        try:
            return Reply(await self._insert(call, above, values))
        except IdExistsError as error:
            if values[self.id_column].lower() == object_id.lower():
                # Another request has created it meanwhile; this one is to replace it.
                raise LostRaceError(error) from error
            raise

    async def patch(self, call: Call) -> Reply:
        """PATCH: changes only what the body names (CONV-4, CONV-5)."""
        old = await self._lock_existing(call)
        changes = validate(self.entity.model, call.body, partial=True)
        if self.id_column in changes and not changes[self.id_column]:
            del changes[self.id_column]
        before = self.resource.hooks.written(old)
        return Reply(await self._replace(call, old, before, merge(self.entity.model, before, changes)))

    async def delete(self, call: Call) -> Reply:
        """DELETE: 204; what hangs on the object goes along, references that may be empty are cleared (ASG-8)."""
        old = await self._lock_existing(call)
        await self.resource.hooks.check_delete(call, old)
        above = parents(call, self.resource)
        object_id = target(call, self.resource)[self.resource.item]
        await _sweep(call, self.entity, old)
        with call.concerning(self.entity.feeds, old):
            await call.db.fetchval(self._delete(call), call.marketplace_id, *above, object_id)
        await totals.keep(call.db, call.marketplace_id, self.entity, old, None)
        await self.resource.hooks.after_delete(call, old)
        return Reply()

    async def change(self, call: Call, alter: Callable[[Values], None]) -> Values:
        """A use case's own change of the object that the path names: `alter` changes the stored values in place."""
        old = await self._lock_existing(call)
        before = self.resource.hooks.written(old)
        new = copy.deepcopy(before)
        alter(new)
        return cast(Values, await self._replace(call, old, before, new))

    async def lock_together(self, call: Call, paths: Sequence[Mapping[str, str]], *, keep: bool) -> None:
        """Lock what several calls are about, those with the first one's parents, in the order of their IDs; Operation.lock_ahead. For
        callers that see everything, and nothing of other companies for those that know their own alone. One statement.
        """
        connection, resource = call.connection, self.resource
        if not isinstance(connection, Recording) or call.principal.user_type in self.limited:
            return
        within = parents(call, resource)
        names = [each.parameter for each in resource.within if each.parameter in call.path]
        alike = (all(path[name].lower() == call.path[name].lower() for name in names) for path in paths)
        ids = [path[resource.item] for path, is_alike in zip(paths, alike, strict=True) if is_alike]
        known = [each for each in ids if not is_foreign_company(call, resource, each)]
        if leads_through_foreign(call, resource) or not known:
            return
        if not keep:
            counted = f"SELECT count(*) FROM ({self.sql.lock_some}) locked"
            await connection.execute(counted, call.marketplace_id, *within, known)
            return
        rows = await connection.fetch(self.sql.lock_some, call.marketplace_id, *within, known)
        found = (row[self.id_column] for row in rows)
        connection.locked.put((resource.name, *within), found, rows)

    # --- steps ------------------------------------------------------------------------------------------------

    async def read(self, call: Call, object_id: str) -> Values:
        """The wire form of a row as it stands in this unit."""
        row = await call.db.fetchrow(
            self.sql.read, call.marketplace_id, *parents(call, self.resource), object_id
        )
        if row is None:
            raise self._missing(object_id)
        return self._render(call, row)

    def _own_id(self, call: Call) -> str:
        object_id = target(call, self.resource)[self.resource.item]
        if is_foreign_company(call, self.resource, object_id):
            raise self._missing(object_id)
        return object_id

    def _seen(self, call: Call) -> statements.Statements:
        kind = call.principal.user_type
        return statements.statements(self.resource, kind) if kind in self.limited else self.sql

    def _sought(self, call: Call, object_id: str) -> tuple[Any, ...]:
        """The arguments of the statements that find an object."""
        facts = facts_of(call.principal)
        needed = (facts[name] for name in facts_needed(self.resource, call.principal.user_type))
        return (call.marketplace_id, *parents(call, self.resource), object_id, *needed)

    def _missing(self, object_id: str) -> NotFoundError:
        return NotFoundError(self.entity.object_type, object_id)

    def _render(self, call: Call, row: Any) -> Values:
        return render(call, self.resource, row)

    async def _lock(self, call: Call, object_id: str) -> Values | None:
        refuse_foreign_parents(call, self.resource)
        await self.resource.hooks.lock_first(call)
        row = self._locked(call, object_id)
        if row is None:
            row = await call.db.fetchrow(self._seen(call).lock, *self._sought(call, object_id))
        if row is None:
            return None
        values = from_row(self.entity, row)
        epoch = values.pop(statements.EPOCH)
        if not call.confirmed:
            call.confirm(epoch)
        return values

    def _locked(self, call: Call, object_id: str) -> asyncpg.Record | None:
        """The row, where it has been locked together with others."""
        if not isinstance(call.connection, Recording):
            return None
        return call.connection.locked.take((self.resource.name, *parents(call, self.resource)), object_id)

    async def _lock_existing(self, call: Call) -> Values:
        """The locked row of the object that the path names; 404 where there is none, or a parent is missing."""
        object_id = self._own_id(call)
        old = await self._lock(call, object_id)
        if old is None:
            await require_parents(call, self.resource)
            raise self._missing(object_id)
        return old

    def _delete(self, call: Call) -> str:
        """The DELETE of one row, with the references that it clears or hands over."""
        wanted = call.wanted
        if wanted not in self._deletes:
            place = statements.place_of(self.resource)
            graph = references_of(call)
            self._deletes[wanted] = graph.delete_statement(self.entity, self.sql.where, place, wanted)
        return self._deletes[wanted]

    async def _insert(self, call: Call, above: tuple[str, ...], values: Values) -> Values:
        """`above` are the stored IDs of the path's parents."""
        object_id = values[self.id_column] = await fill_incrementors(
            call, values.get(self.id_column) or self.entity.generate_id()
        )
        for within, parent in zip(self.resource.within, above, strict=True):
            values[within.column] = parent
        if "DateCreated" in self.entity.model.__columns__:
            values["DateCreated"] = call.clock()
        check_xp_size(values.get("xp"))
        self.resource.hooks.normalise(values, None)
        await check_references(call, self.entity, values, None)
        await check_grants(call, self.entity.model, values, None)
        if self.resource.company:
            await refuse_named(call, self.entity, object_id)
        await self.resource.hooks.check_write(call, None, values)
        row = to_row(self.entity, self._columns(values))
        sql = statements.insert(self.entity.table, tuple(row))
        try:
            await call.db.execute(sql, call.marketplace_id, *row.values())
        except asyncpg.UniqueViolationError as error:
            raise refusal(error, self.entity, object_id) from error
        await totals.keep(call.db, call.marketplace_id, self.entity, None, values)
        await self.resource.hooks.after_write(call, None, values)
        return await self.read(call, object_id)

    async def _replace(self, call: Call, old: Values, before: Values, new: Values) -> Values | Due:
        """old: the row as it is stored; before: what was written of it, which the new one is held against. Due where the call may wait."""
        current, wanted = old[self.id_column], await fill_incrementors(call, new[self.id_column])
        new[self.id_column] = wanted
        check_xp_size(new.get("xp"))
        self.resource.hooks.normalise(new, before)
        await check_references(call, self.entity, new, before)
        await check_grants(call, self.entity.model, new, before)
        if self.resource.company and wanted.lower() != current.lower():
            await refuse_named(call, self.entity, wanted)
        await self.resource.hooks.check_write(call, before, new)
        with call.concerning(self.entity.feeds, old):
            written, after = await self._write(call, old, wanted, self._changes(old, new))
        note_renamed(call, self.entity, old, wanted)
        await totals.keep(call.db, call.marketplace_id, self.entity, old, new)
        await self.resource.hooks.after_write(call, old, new)
        if written is not None and after == _statements(call):
            if isinstance(written, Due):
                written.shown = partial(self._render, call)
                return written
            return self._render(call, written)
        return await self.read(call, wanted)

    async def _write(
        self, call: Call, old: Values, wanted: str, row: Values
    ) -> tuple[asyncpg.Record | Due | None, int]:
        """Write the columns of `row`, and the ID wherever it is named.

        The row as `read` has it, where the statement that wrote it could tell, and after how many statements of the unit: it
        stands as long as no other follows.
        """
        current = old[self.id_column]
        if wanted != current and references_of(call).has_referrers(self.entity.table):
            place = (old["key"],) if self.entity.keyed else parents(call, self.resource)
            await self._rename(call, current, wanted, place)
            current = row.pop(self.id_column)
        written: asyncpg.Record | Due | None = None
        if row:
            columns = tuple(row)
            sql = ""
            if isinstance(call.connection, Recording):
                told = call.connection.told(self.entity.table, columns)
                sql = statements.update_and_read(self.resource, columns, told)
                if self.id_column not in columns:
                    call.connection.locked.spare(sql)
            arguments = (call.marketplace_id, *parents(call, self.resource), current, *row.values())
            try:
                if sql and call.may_wait and self.id_column not in columns:
                    written = await cast(Recording, call.connection).later(sql, *arguments)
                elif sql:
                    written = await call.db.fetchrow(sql, *arguments)
                else:
                    await call.db.execute(statements.update(self.resource, columns), *arguments)
            except asyncpg.UniqueViolationError as error:
                raise refusal(error, self.entity, wanted) from error
        return written, _statements(call)

    def _changes(self, old: Values, new: Values) -> Values:
        """The columns to write. JSON is compared as text: to Python 1 equals true, and the order of keys is nothing."""
        names = [
            name
            for name in statements.stored_columns(self.entity)
            if name in new and not (name in old and new[name] is old[name])
        ]
        before, after = (
            to_row(self.entity, {name: values[name] for name in names if name in values})
            for values in (old, new)
        )
        return {name: value for name, value in after.items() if name not in before or value != before[name]}

    async def _rename(self, call: Call, old: str, new: str, place: tuple[str | int, ...]) -> None:
        try:
            await rename(call, self.entity, old, new, place)
        except asyncpg.UniqueViolationError as error:
            raise refusal(error, self.entity, new) from error

    def _columns(self, values: Values) -> Values:
        known = statements.stored_columns(self.entity)
        return {name: values[name] for name in known if name in values}


async def _sweep(call: Call, entity: Entity, old: Values) -> None:
    if isinstance(call.connection, Recording):
        await call.connection.sweep(call.marketplace_id, entity, old)


def _statements(call: Call) -> int:
    """How many statements the call's unit has run; 0 where nobody counts them: records of seeds are written many at once."""
    return call.connection.statements if isinstance(call.connection, Recording) else 0

"""From a file's records to rows: validated by the declarations, judged by the API's own hooks, nothing written yet."""

from __future__ import annotations

from asyncio import Queue
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from entrepot.declare.assignment import Assignment
from entrepot.declare.entity import Entity
from entrepot.declare.operation import Operation
from entrepot.declare.registry import Registry
from entrepot.declare.resource import Resource
from entrepot.engine.parties import named_party, with_levels
from entrepot.engine.rows import json_columns
from entrepot.engine.statements import stored_columns
from entrepot.engine.wire.json import dump
from entrepot.engine.wire.models import check_xp_size, validate
from entrepot.features.catalog.products.resources import PRODUCT
from entrepot.features.seeding.addressing import path_of, query_of
from entrepot.features.seeding.batches import Batch, Look, Pending, Rows, Single
from entrepot.features.seeding.calls import SeedCalls
from entrepot.features.seeding.deferred import NeedsStatementError
from entrepot.features.seeding.identities import Identities, home, home_of
from entrepot.features.seeding.kinds import Kind, Section, find_kind, kinds_of
from entrepot.features.seeding.looks import looks_of
from entrepot.features.seeding.placeholders import Placeholders
from entrepot.features.seeding.problems import Problems
from entrepot.features.seeding.reading import Record
from entrepot.features.seeding.spec_defaults import SpecDefaults
from entrepot.features.seeding.trees import loops
from entrepot.features.seeding.unknown import Unknown
from entrepot.features.seeding.variants import VariantPlan
from entrepot.kernel.errors import ApiError, CircularCategoryError
from entrepot.kernel.ids import is_id

Values = dict[str, Any]


class Preparation:
    """Takes the records of a file in any order and makes a batch of each kind, in the order of writing."""

    def __init__(
        self, registry: Registry, calls: SeedCalls, placeholders: Placeholders, problems: Problems
    ) -> None:
        self._kinds = {kind.name: kind for kind in kinds_of(registry)}
        self.batches = {kind.name: Batch(kind, looks_of(kind, registry)) for kind in self._kinds.values()}
        self.spec_defaults = SpecDefaults()
        self.variants = VariantPlan()
        self.unknown = Unknown()
        self._identities = Identities()
        self._calls = calls
        self._placeholders = placeholders
        self._problems = problems
        self._usernames: set[str] = set()
        self._named: Kind | None = None
        self.complete: Queue[Batch | None] = Queue()
        """Batches, as soon as no record of them can follow; None when all objects are known."""

    def name(self, section: str, kind: str, line: int) -> None:
        """Take note of a kind that the file names, once; a problem where there is none of that name."""
        if self._named is not None:
            self.complete.put_nowait(self.batches[self._named.name])
        self._named = find_kind(self._kinds, section, kind)
        if self._named is None:
            self._problems.add_unknown_kind(line, section, kind)

    async def take(self, record: Record) -> None:
        """Validate a record and keep what is to be written of it."""
        kind = find_kind(self._kinds, record.section, record.kind)
        if kind is None:
            return
        batch = self.batches[kind.name]
        if not isinstance(record.value, dict):
            self._problems.add(record.line, record.kind, "a record must be a mapping")
            return
        what = _name(batch.kind, record.value)
        self.unknown.take(batch.kind, record)
        try:
            await self._take(batch, record.line, what, self._placeholders.fill(batch.kind, record.value))
        except ApiError as error:
            self._problems.add_refusal(record.line, what, error)
            self._register_refused(batch.kind, record.value)

    def known_early(self) -> Iterator[str]:
        """The kinds that are written before products, and whose objects can be as soon as all objects are known. Rows of products say who
        sees them, by assignments (audiences.py).
        """
        for name, batch in self.batches.items():
            if batch.kind.table == PRODUCT.table:
                break
            if batch.kind.section == "Objects":
                yield name

    def stands_alone(self, batch: Batch) -> bool:
        """Whether nothing but the marketplace has to be there before these records: they are rows, and refer to nothing."""
        return not (batch.pending or batch.singles) and not any(
            row[at] and not (look.owner and self._placeholders.is_owner(row[at]))
            for group in batch.groups.values()
            for look in batch.looks
            if look.column in group.columns
            for at in (group.columns.index(look.column),)
            for row in group.rows
        )

    def check_references(self, section: Section) -> None:
        """Find what every record of a section refers to: rows hold it as the object spells itself, or as the name of its key. Once all
        objects have been taken.
        """
        for batch in self.batches.values():
            if batch.kind.section != section:
                continue
            for group in batch.groups.values():
                self._resolve_rows(batch, group)
            for pending in batch.pending:
                self._resolve(batch, pending.line, pending.row)
            for single in batch.singles:
                body = single.body or {}
                record = {look.column: body.get(look.shown) for look in batch.looks}
                self._resolve(batch, single.line, record)
        if section == "Objects":
            self.spec_defaults.check(self._identities, self._problems)
            for line, category in loops(self.batches["Categories"]):
                refusal = CircularCategoryError({"Property": "ParentID"})
                self._problems.add_refusal(line, f"Categories.{category}", refusal)

    # --- records ----------------------------------------------------------------------------------------------

    async def _take(self, batch: Batch, line: int, what: str, payload: Values) -> None:
        kind = batch.kind
        above = {within.column: payload.get(within.column) for within in kind.within}
        missing = [column for column, value in above.items() if not isinstance(value, str) or not value]
        for column in missing:
            self._problems.add(line, what, f"{column} is required.", column)
        if missing:
            return
        if kind.section == "Objects":
            await self._take_object(batch, line, what, payload)
        elif kind.plain is not None:
            validate(kind.model, payload, partial=False)
            self._take_plain(batch, line, what, payload)
        elif kind.is_membership:
            values = validate(kind.model, payload, partial=False)
            columns = ("group_key", "user_key", *above)
            batch.add(line, columns, [values["UserGroupID"], values["UserID"], *above.values()])
        else:
            await self._take_assignment(batch, line, what, payload, above)

    async def _take_object(self, batch: Batch, line: int, what: str, payload: Values) -> None:
        kind, resource = batch.kind, batch.kind.resource
        assert resource is not None
        entity, operation = resource.entity, batch.kind.writes
        match kind.name:
            case "Specs":
                payload = self.spec_defaults.take(line, payload)
            case "Products":
                self.variants.take_product(line, payload)
            case "Variants":
                self.variants.take_variant(line, payload)
        values = validate(entity.model, payload, partial=False)
        name = kind.id_name
        object_id = kind.id_in(values, payload) or entity.generate_id()
        payload[name] = object_id
        if name in values:
            values[name] = object_id
        self._register(kind, line, what, payload, object_id)
        if operation is None:
            self._problems.add(line, what, "this server cannot make such records yet")
            return
        if is_id(object_id) and _is_create(operation, resource):
            row = await self._row_of(resource, operation, payload, values)
            if row is not None:
                batch.add(line, *row)
                return
        path = {within.parameter: payload[within.column] for within in resource.within}
        batch.singles.append(Single(line, what, {**path, resource.item: object_id}, payload))

    async def _row_of(
        self, resource: Resource, operation: Operation, payload: Values, values: Values
    ) -> tuple[tuple[str, ...], list[Any]] | None:
        """The columns and the row as the uniform Create makes it; None where its hooks must ask the database."""
        entity, hooks = resource.entity, resource.hooks
        if any(values.get(name) for name in _secrets(entity)):
            # A secret: the slow work comes before.
            return None
        for within in resource.within:
            values[within.column] = payload[within.column]
        if "DateCreated" in entity.model.__columns__:
            values["DateCreated"] = self._calls.clock()
        check_xp_size(values.get("xp"))
        path = {within.parameter: payload[within.column] for within in resource.within}
        call = self._calls.deferred(operation, path, payload)
        try:
            hooks.normalise(values, None)
            await hooks.check_write(call, None, values)
            columns, texts = _columns(entity, tuple(values))
            row = [values[name] for name in columns]
            for place in texts:
                if row[place] is not None:
                    row[place] = dump(row[place])
            await hooks.after_write(call, None, values)
        except NeedsStatementError:
            return None
        return columns, row

    def _take_plain(self, batch: Batch, line: int, what: str, payload: Values) -> None:
        kind = batch.kind
        assert kind.writes is not None
        path = {within.parameter: payload[within.column] for within in kind.within}
        batch.singles.append(Single(line, what, path, payload))

    async def _take_assignment(
        self, batch: Batch, line: int, what: str, payload: Values, above: Values
    ) -> None:
        assignment, operation = batch.kind.assignment, batch.kind.writes
        assert assignment is not None
        if operation is None:
            self._problems.add(line, what, "this server cannot make such records yet")
            return
        values = validate(assignment.model, payload, partial=False)
        named = {**values, **above}
        path = path_of(operation, payload)
        if "Save" not in assignment.verbs:
            batch.singles.append(Single(line, what, path, payload, query_of(operation, payload)))
            return
        key: Values = {within.column: above[within.column] for within in assignment.homes}
        for thing in assignment.things:
            key[thing.stored] = named[thing.column]
        if assignment.party_columns:
            key |= _party(assignment, with_levels(assignment.model, payload, named))
        new = {**values, **key}
        call = self._calls.deferred(operation, path, payload)
        try:
            await assignment.hooks.check_write(call, None, new)
            await assignment.hooks.after_write(call, None, new)
        except NeedsStatementError:
            batch.pending.append(Pending(line, what, path, payload, {**values, **above, **key}))
            return
        settings = {column.name: new[column.name] for column in assignment.settings if column.writable}
        row = {**above, **key, **settings}
        batch.add(line, tuple(row), list(row.values()))

    # --- references -------------------------------------------------------------------------------------------

    def _register(self, kind: Kind, line: int, what: str, payload: Values, object_id: str) -> None:
        assert kind.resource is not None
        entity = kind.resource.entity
        where = home_of(kind.resource, payload)
        if entity.key_columns:
            where = home((column, str(payload.get(column))) for column in entity.key_columns)
        if not self._identities.add(kind.table, where, object_id):
            message = f"another record above has the same {kind.id_name}"
            self._problems.add(line, what, message, kind.id_name)
        match kind.table:
            case "buyers" if not payload.get("DefaultCatalogID"):
                # BUY-1: its default catalog comes with it.
                self._identities.add("catalogs", "", object_id)
            case "users":
                name = str(payload.get("Username")).lower()
                if name in self._usernames:
                    self._problems.add(line, what, "another user above has the same Username", "Username")
                self._usernames.add(name)

    def _register_refused(self, kind: Kind, record: Values) -> None:
        """A bad object is there all the same: what refers to it is not wrong as well."""
        object_id = record.get("ID")
        if kind.section == "Objects" and kind.resource is not None and isinstance(object_id, str):
            self._identities.add(kind.table, home_of(kind.resource, record), object_id)

    def _resolve_rows(self, batch: Batch, group: Rows) -> None:
        """The same as `_resolve` for rows of a kind, one column after the other: parents first, as the looks are."""
        place = {column: at for at, column in enumerate(group.columns)}
        for look in batch.looks:
            at = place.get(look.column)
            if at is None:
                continue
            above = [(column, place[column]) for column in look.home if column in place]
            for line, row in zip(group.lines, group.rows, strict=True):
                value = row[at]
                if (
                    value
                    and isinstance(value, str)
                    and not (look.owner and self._placeholders.is_owner(value))
                ):
                    where = home([(column, row[i]) for column, i in above]) if above else ""
                    row[at] = self._found(batch, line, look, value, where)

    def _resolve(self, batch: Batch, line: int, record: Values) -> None:
        """Replace the IDs in `record`, by column."""
        for look in batch.looks:
            value = record.get(look.column)
            if not value or not isinstance(value, str) or (look.owner and self._placeholders.is_owner(value)):
                continue
            where = home([(column, record.get(column)) for column in look.home]) if look.home else ""
            record[look.column] = self._found(batch, line, look, value, where)

    def _found(self, batch: Batch, line: int, look: Look, value: str, where: str) -> str:
        """What a row holds for the ID: itself where there is no such object, which is a problem."""
        found = self._identities.find(look.table, where, value)
        if found is None:
            self._add_missing(batch, line, look, value, where)
            return value
        return f"{where}|{found}".lower() if look.keyed else found

    def _add_missing(self, batch: Batch, line: int, look: Look, value: str, where: str) -> None:
        under = f" under {where.replace('=', ' ').replace('/', ', ')}" if where else ""
        message = f"there is no {look.object_type} {value}{under} in the file"
        self._problems.add(line, batch.kind.name, message, look.shown)


@lru_cache(maxsize=1024)
def _secrets(entity: Entity) -> tuple[str, ...]:
    """The properties that are never shown."""
    return tuple(column.name for column in entity.model.__columns__.values() if column.write_only)


def _party(assignment: Assignment, named: Values) -> Values:
    """Its columns, with IDs in place of keys. Raises the refusals of PartyAssignment."""
    party = named_party(assignment, named)
    given = {
        "BuyerID": party.buyer_id,
        "SupplierID": party.supplier_id,
        "BuyerGroupID": party.buyer_group_id,
        "user_key": party.user_id,
        "group_key": party.group_id,
    }
    return {column: given[column] for column in assignment.party_columns}


@lru_cache(maxsize=1024)
def _columns(entity: Entity, names: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """The columns of a row whose values have these names, and the places of those that hold JSON text."""
    columns = tuple(name for name in stored_columns(entity) if name in names)
    json = json_columns(entity)
    return columns, tuple(place for place, name in enumerate(columns) if name in json)


def _is_create(operation: Operation, resource: Resource) -> bool:
    """Whether the API makes such an object by the uniform Create."""
    return operation.verb == "POST" and operation.path == resource.path


def _name(kind: Kind, record: Values) -> str:
    """`Products.product-1`, for messages."""
    object_id = record.get("ID")
    return f"{kind.name}.{object_id}" if isinstance(object_id, str) else kind.name

"""What the API shows of rows that use cases write: a list of them, one of them, and its deletion where a statement does it.

For what users of the seller with FullAccess see alone; who else sees what is for resources (engine/expand.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from entrepot.declare.operation import Handler, ListOptions, Operation, Reply, Returns, Unit
from entrepot.declare.resource import declared_here
from entrepot.declare.roles import SELLERS_ONLY, Right, sufficient
from entrepot.declare.wire import Wire
from entrepot.engine.access import allowed_types
from entrepot.engine.call import Call
from entrepot.engine.rows import renderer
from entrepot.engine.selections import SelectedList
from entrepot.engine.standing import READ_EPOCH
from entrepot.kernel.errors import NotFoundError
from entrepot.kernel.sql import Sql


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReadModel:
    """name: what the operations' IDs begin with, and noun how they go on, in the singular. one, many: what summaries call it. path: of the list;
    item: the parameter that follows. select: SQL whose columns are the model's properties in their order, with `:marketplace_id` on
    every table, and the item of `within`, that of what they belong to. delete: SQL that returns what it has deleted by these and `:item`.
    values: its further parameters.
    """

    name: str
    tag: str
    object_type: str
    one: str
    many: str
    model: type[Wire]
    table: str
    path: str
    item: str
    select: str
    options: ListOptions
    key: tuple[str, ...] | None = None
    delete: str = ""
    noun: str = ""
    within: ReadModel | None = None
    values: Callable[[Call], Mapping[str, Any]] = lambda _: {}
    source: str = field(default_factory=lambda: declared_here(3))

    @property
    def item_path(self) -> str:
        """Of one of them."""
        return f"{self.path}/{{{self.item}}}"

    @property
    def facts(self) -> dict[str, Any]:
        """What its operations have in common, those by hand included."""
        return {
            "tag": self.tag,
            "roles": sufficient(),
            "user_types": allowed_types(SELLERS_ONLY, Right.WRITE),
            "table": self.table,
        }

    def operations(self) -> tuple[Operation, ...]:
        """All that can be declared: those by hand go without the others."""
        return (
            self.list_operation(),
            self.get_operation(),
            *([self.delete_operation()] if self.delete else ()),
        )

    def list_operation(self) -> Operation:
        listed = SelectedList(self.model, self.select, self.options, self.key)

        async def handler(call: Call) -> Reply:
            """One statement; one more for an empty page, and one for what it belongs to."""
            reply = await listed.page(call, self._scope(call))
            if self.within is not None and not reply.body["Items"]:
                await self.within.read(call)
            return reply

        returns = Returns(self.model, page=True)
        missing = () if self.within is None else (NotFoundError,)
        facts = {"lists": self.options, "returns": returns, "errors": missing, "confirms": True}
        return self._operation(f"List{self._plural}", "GET", self.path, f"List {self.many}", handler, **facts)

    def get_operation(self) -> Operation:
        async def handler(call: Call) -> Reply:
            """One statement."""
            return Reply(await self.read(call, confirms=True))

        facts = {"returns": Returns(self.model), "errors": (NotFoundError,), "confirms": True}
        return self._operation(f"Get{self.noun}", "GET", self.item_path, f"Get {self.one}", handler, **facts)

    def delete_operation(self) -> Operation:
        sql, names = Sql(self.delete).numbered()

        async def handler(call: Call) -> Reply:
            """One statement."""
            values = self._scope(call) | {"marketplace_id": call.marketplace_id, "item": call.path[self.item]}
            if await call.db.fetchval(sql, *(values[name] for name in names)) is None:
                raise self.missing(call.path[self.item])
            return Reply()

        facts = {"status": 204, "errors": (NotFoundError,), "unit": Unit.WRITE}
        return self._operation(
            f"Delete{self.noun}", "DELETE", self.item_path, f"Delete {self.one}", handler, **facts
        )

    async def read(self, call: Call, item: str | None = None, *, confirms: bool = False) -> dict[str, Any]:
        """One as the API shows it, by default that of the path. One statement, which may confirm the caller. Raises NotFoundError."""
        wanted = call.path[self.item] if item is None else item
        sql, names = _one(self)
        values = self._scope(call) | {"marketplace_id": call.marketplace_id, "item": wanted}
        row = await call.db.fetchrow(sql, *(values[name] for name in names))
        if confirms:
            call.confirm(None if row is None else row["epoch"])
        if row is None or row["ID"] is None:
            raise self.missing(wanted)
        return renderer(self.model).render(row)

    def missing(self, item: str) -> NotFoundError:
        """There is none of this ID."""
        return NotFoundError(self.object_type, item)

    @property
    def _plural(self) -> str:
        return f"{self.noun}s" if self.noun else ""

    def _scope(self, call: Call) -> dict[str, Any]:
        above = {} if self.within is None else {self.within.item: call.path[self.within.item]}
        return {**above, **self.values(call)}

    def _operation(
        self, does: str, verb: str, path: str, summary: str, handler: Handler, **facts: Any
    ) -> Operation:
        return Operation(
            id=f"{self.name}.{does}",
            verb=verb,
            path=path,
            summary=summary,
            handler=handler,
            source=self.source,
            **self.facts,
            **facts,
        )


@cache
def _one(read: ReadModel) -> tuple[str, tuple[str, ...]]:
    """The statement that reads one with the epoch, also where there is none, and its parameters."""
    one = f'(SELECT 1) one LEFT JOIN ({read.select}) t ON t."ID" = :item'
    return Sql(f"SELECT ({READ_EPOCH}) AS epoch, t.* FROM {one}").numbered()

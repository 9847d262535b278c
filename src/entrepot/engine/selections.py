"""Lists over a SELECT that a use case writes, with search, sort and filters like those of any resource."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from entrepot.declare.operation import ListOptions, QueryParameter, Reply
from entrepot.declare.wire import Wire
from entrepot.domain.listing.request import read_list_request
from entrepot.engine.call import Call
from entrepot.engine.lists import MARKETPLACE, epoch_column, filterable
from entrepot.engine.pages import read_page
from entrepot.engine.rows import renderer
from entrepot.storage.columns import column_type
from entrepot.storage.listing.shapes import shape_of
from entrepot.storage.listing.source import Source


class SelectedList:
    """A list of one model.

    select: SQL whose columns are the model's properties in their order, with `:marketplace_id` on every table and
        further named parameters, which `page` gets as `scope`.
    key: the properties that no two items share together (ListShape.key).
    query: the operation's own parameters, which are no filters.
    """

    def __init__(
        self,
        model: type[Wire],
        select: str,
        options: ListOptions,
        key: tuple[str, ...] | None = None,
        *,
        query: tuple[QueryParameter, ...] = (),
    ) -> None:
        self.options = options
        self._model = model
        self._shape = replace(shape_of(model, options, query), key=key)
        table = sa.text(select).columns(*(_column(name, model) for name in model.__columns__)).subquery("t")
        self._source = Source(
            shape=self._shape,
            table=table,
            columns=(*table.c, epoch_column()),
            fields={name: filterable(column) for name, column in table.c.items()},
            where=(sa.true(),),
        )

    async def page(self, call: Call, scope: dict[str, Any]) -> Reply:
        """One statement that also confirms the caller; one more for an empty page."""
        request = read_list_request(call.query, self._shape)
        rows, meta = await read_page(call, self._source, request, {MARKETPLACE: call.marketplace_id, **scope})
        return Reply({"Meta": meta, "Items": renderer(self._model).render_all(rows)})


def _column(name: str, model: type[Wire]) -> sa.ColumnClause[Any]:
    return sa.column(name, column_type(model.__columns__[name].type))

"""Lists of the portal: search, sort, filters and pages as those of the API, in whichever marketplace they are about."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from entrepot.declare.operation import ListOptions, QueryParameter, Reply
from entrepot.declare.wire import Wire
from entrepot.domain.listing.request import list_meta, read_list_request
from entrepot.engine.call import Call
from entrepot.engine.lists import filterable
from entrepot.engine.rows import renderer
from entrepot.features.people.portal.declaring import MARKETPLACE
from entrepot.storage.columns import column_type
from entrepot.storage.listing.compile import compile_list
from entrepot.storage.listing.fetch import fetch_page
from entrepot.storage.listing.shapes import shape_of
from entrepot.storage.listing.source import Source


class PortalList:
    """A list of one model.

    select: SQL whose columns are the model's properties in their order, with named parameters, which `page` gets as `scope`.
    """

    def __init__(
        self, model: type[Wire], select: str, options: ListOptions, *, query: tuple[QueryParameter, ...] = ()
    ) -> None:
        self.options = options
        self._model = model
        self._shape = shape_of(model, options, (MARKETPLACE, *query))
        columns = (sa.column(name, column_type(each.type)) for name, each in model.__columns__.items())
        table = sa.text(select).columns(*columns).subquery("t")
        self._source = Source(
            shape=self._shape,
            table=table,
            columns=tuple(table.c),
            fields={name: filterable(column) for name, column in table.c.items()},
            where=(sa.true(),),
        )

    async def page(self, call: Call, scope: dict[str, Any]) -> Reply:
        """One statement; one more for an empty page."""
        request = read_list_request(call.query, self._shape)
        rows, total = await fetch_page(call.db, compile_list(self._source, request, scope))
        items = renderer(self._model).render_all(rows)
        return Reply({"Meta": list_meta(request, total, len(rows)), "Items": items})

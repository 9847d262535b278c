"""Premium lists with facets (SRCH-4, FAC-1 to FAC-5) over any source: the page, its total and its facets together.

A feature makes its Source premium and hands pages to `facet_page`:

    OPTIONS = premium_options(PRODUCT)
    SHAPE = shape_of(BuyerProduct, OPTIONS, QUERY)
    SOURCE = Source(
        shape=SHAPE, table=..., columns=(..., epoch_column()), fields=field_expressions(PRODUCT, ..., table),
        where=(...), text=text_columns(table, PRODUCT.text), facets=DEFINITIONS,
    )
    return await facet_page(call, SOURCE, read_list_request(call.query, SHAPE), scope, show)

`table` may be a join; `where` starts with marketplace_id = :marketplace_id, on every table. The facets are counted in
the page's own statement; a source without `facets` leaves them out, for callers that remember them (`facets=` of
facet_page gives them back).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa
from msgspec import Raw
from sqlalchemy.dialects import postgresql as pg

from entrepot.declare.entity import Entity
from entrepot.declare.operation import ListOptions, Reply
from entrepot.domain.listing.request import ListRequest, list_meta
from entrepot.engine.call import Call
from entrepot.engine.pages import fetch_confirmed
from entrepot.storage.columns import Citext
from entrepot.storage.listing.compile import compile_list
from entrepot.storage.listing.fetch import fetch_facets
from entrepot.storage.listing.source import Source

DEFINITIONS = sa.table(
    "product_facets",
    sa.column("marketplace_id", sa.BigInteger()),
    sa.column("ID", Citext()),
    sa.column("Name", sa.Text()),
    sa.column("XpPath", sa.Text()),
    sa.column("ListOrder", sa.Integer()),
    sa.column("MinCount", sa.Integer()),
    sa.column("xp", pg.JSON()),
)
"""The facets of a marketplace, as Source.facets takes them."""


def premium_options(entity: Entity, *, order: tuple[str, ...] = ("Name", "ID")) -> ListOptions:
    """The options of a premium list with facets, which searches and sorts by any property (PREM-1, SRCH-5)."""
    return ListOptions(search=None, sort=None, premium=True, facets=True, text=entity.text, order=order)


async def facet_page(
    call: Call,
    source: Source,
    request: ListRequest,
    scope: Mapping[str, Any],
    show: Callable[[Any], dict[str, Any]],
    *,
    facets: str | None = None,
) -> Reply:
    """A page whose rows `show` turns into items; each has the security epoch as `_epoch`.

    scope: the source's parameters, `marketplace_id` among them. facets: Meta.Facets as JSON text, where the source has
    none because they are known. One statement, which also confirms the caller; up to three for an empty page.
    """
    compiled = compile_list(source, request, scope)
    rows, total = await fetch_confirmed(call, compiled)
    if facets is None:
        facets = await fetch_facets(call.db, compiled, rows)
    meta = list_meta(request, total, len(rows), next_page_key=request.next_page_key(total))
    return Reply({"Meta": {"Facets": Raw(facets), **meta}, "Items": [show(row) for row in rows]})

"""Me.ListCatalogs and Me.GetCatalog: active catalogs that are assigned to the shopper's buyer (SHP-2)."""

from __future__ import annotations

from typing import Any

from entrepot.declare.operation import Operation, QueryParameter, Reply
from entrepot.declare.view import View
from entrepot.domain.listing.request import read_list_request
from entrepot.engine.call import Call
from entrepot.engine.query import parameters
from entrepot.engine.rows import renderer
from entrepot.features.catalog.audience.shopper import Shopper
from entrepot.features.catalog.catalogs.resources import CATALOG, CATALOGS, Catalog
from entrepot.features.catalog.shopping.pages import (
    columns_of,
    confirming_both,
    for_shopper,
    found,
    one,
    page,
    rows_source,
)
from entrepot.storage.listing.shapes import shape_of

OPTIONS = CATALOGS.lists
QUERY = (QueryParameter("sellerID", description="Only catalogs that this company owns."),)
SHAPE = shape_of(Catalog, OPTIONS, QUERY)
PROPERTIES = tuple(Catalog.__columns__.values())
SEEN = 't."ID" = ANY(CAST(CAST(:seen AS text[]) AS citext[]))'
OWNED = ' AND t."OwnerID" = CAST(:seller AS citext)'
GET = confirming_both("catalogs", columns_of(Catalog), f't."ID" = CAST(:catalog AS citext) AND {SEEN}')
VIEW = View(
    name="Catalog",
    names="Catalogs",
    model=Catalog,
    table=CATALOG.table,
    path="/me/catalogs",
    item="catalogID",
    lists=OPTIONS,
)
_all, _owned = (rows_source(CATALOG, PROPERTIES, SHAPE, where) for where in (SEEN, SEEN + OWNED))
_render = renderer(Catalog).render


@VIEW.list("List the catalogs that the caller may shop in", query=QUERY)
async def list_my_catalogs(call: Call) -> Reply:
    request = read_list_request(call.query, SHAPE)
    seller = parameters(call).get("sellerID")

    async def run(shopper: Shopper) -> Reply:
        scope: dict[str, Any] = {"seen": _ids(shopper), "seller": seller}
        return await page(call, shopper, _all if seller is None else _owned, request, scope, _render)

    return await for_shopper(call, run)


@VIEW.get("Get a catalog that the caller may shop in")
async def get_my_catalog(call: Call) -> Reply:
    catalog = call.path["catalogID"]

    async def run(shopper: Shopper) -> Reply:
        row = await one(call, GET, {"catalog": catalog, "seen": _ids(shopper)})
        return Reply(_render(await found(call, shopper, row, "Catalog", catalog)))

    return await for_shopper(call, run)


def _ids(shopper: Shopper) -> list[str]:
    return [each.id for each in shopper.audience.catalogs.values()]


OPERATIONS: tuple[Operation, ...] = (list_my_catalogs, get_my_catalog)

"""Me.ListProducts and Me.GetProduct: what a shopper sees, at its price (SHP-3, SHP-4, VIS, PRC)."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import replace
from functools import lru_cache, partial
from sys import getsizeof
from typing import Any

from msgspec import Raw

from entrepot.declare.operation import Operation, QueryParameter, Reply, Returns, operation
from entrepot.declare.roles import sufficient
from entrepot.domain.listing.request import MAX_PAGE_SIZE, ListRequest, read_list_request
from entrepot.engine.call import Call
from entrepot.engine.lists import MARKETPLACE, named
from entrepot.engine.query import parameters
from entrepot.engine.rows import renderer
from entrepot.engine.wire.json import load
from entrepot.features.audience.shopper import Shopper
from entrepot.features.catalog.category_list import DEEPEST, read_depth
from entrepot.features.products.resources import PRODUCT, SHIP_FROM
from entrepot.features.services import services
from entrepot.features.shopping import sources
from entrepot.features.shopping.categories import is_category_seen
from entrepot.features.shopping.discounts import with_discounts
from entrepot.features.shopping.models import BuyerProduct
from entrepot.features.shopping.pages import (
    Row,
    confirm_row,
    confirming_both,
    for_shopper,
    found,
    meta,
    one,
    one_visible,
)
from entrepot.features.shopping.prices import Seller, price
from entrepot.features.shopping.selling import SELLS
from entrepot.features.shopping.sources import FEW_PRODUCTS, Form, source
from entrepot.features.shopping.stock import QUANTITY, show_quantity
from entrepot.features.shopping.visible import VISIBLE, of_shopper, scope
from entrepot.kernel.errors import CategoryDepthError, CategoryFilterError, NotFoundError
from entrepot.kernel.user_types import UserType
from entrepot.storage.listing.compile import prepared_list
from entrepot.storage.listing.fetch import ItemPage, fetch_items

BUYERS = frozenset({UserType.BUYER})
_REMEMBERED = {column.name for column in sources.OWN} - {
    name for each in PRODUCT.feeds for name in each.quiet
}
FLEETING = tuple(name for name in BuyerProduct.__columns__ if name not in _REMEMBERED)
"""What changes without a change of the catalog epoch: InventoryRecords as Inventory does."""
COUNTED = "how many products"
USUAL_PAGE = 30
"""Larger pages are not remembered."""
_RESULT_BYTES = 1_000
"""What is remembered of a list takes so much beside its own texts."""
NO_CATALOG = ""
"""Names none."""
COLUMNS = ", ".join(f't."{column.name}"' for column in sources.OWN)
_render = renderer(BuyerProduct).render


@operation(
    "Me.ListProducts",
    "GET",
    "/me/products",
    tag="Me",
    summary="List the products that the caller may see, at its prices",
    roles=sufficient("Shopper"),
    user_types=BUYERS,
    query=sources.QUERY,
    lists=sources.OPTIONS,
    returns=Returns(BuyerProduct, page=True),
    errors=(CategoryFilterError, CategoryDepthError),
    confirms=True,
    table="products",
)
async def list_my_products(call: Call) -> Reply:
    """A page in one statement, which also confirms the caller. Where nothing is remembered of the shopper, one more for
    it and one for whether it sees few products; more for an empty page.
    """
    given = parameters(call)
    request = read_list_request(call.query, sources.SHAPE)
    depth = read_depth(given["depth"]) if "depth" in given else DEEPEST
    return await for_shopper(call, lambda shopper: _list(call, shopper, given, request, depth))


@lru_cache(maxsize=MAX_PAGE_SIZE)
def _again(page_size: int) -> ListRequest:
    """The request of a page whose products are remembered."""
    return ListRequest(page_size=page_size)


async def _list(
    call: Call, shopper: Shopper, given: Mapping[str, Any], request: ListRequest, depth: int
) -> Reply:
    catalog, category = given.get("catalogID"), given.get("categoryID")
    if category is not None:
        catalog = catalog or shopper.default_catalog
        if catalog is None:
            raise CategoryFilterError
        if not await is_category_seen(call, shopper, catalog, category):
            catalog = NO_CATALOG
    key = _result_key(request, catalog, category, depth)
    page_key = _page_key(request, key)
    memory, searched = services(call).audiences, bool(request.search)
    known = None if key is None else memory.found(call, shopper, key, searched=searched)
    products = None
    if page_key is not None and known is not None:
        products = memory.found(call, shopper, page_key, searched=searched)
    seller, values = seller_scope(call, given.get("sellerID"))
    values[MARKETPLACE] = call.marketplace_id
    values["known_total"] = None if known is None else known[0]
    if products is None:
        form, places = await _places(call, shopper, catalog, category, depth)
        form = replace(form, seller=seller, known=known is not None)
        prepared = prepared_list(source(form), request)
        values |= places
    else:
        values |= of_shopper(shopper) | {"page": products}
        form = Form(seller, known=True, remembered=True)
        prepared = prepared_list(source(form), _again(request.page_size))
    page = await fetch_items(call.db, prepared, values)
    # By itself the page is what the shopper sees now; beside what was found earlier all of it has to be as it was.
    await confirm_row(call, shopper, page.row, lists=known is not None or category is not None)
    facets = page.facets if known is None else known[1]
    if page.count and products is None:
        keep = partial(memory.keep_found, call, shopper, epoch=page.row["_catalog_epoch"], searched=searched)
        if known is None and key is not None:
            keep(key, (page.total, facets), size=_RESULT_BYTES + len(facets))
        ids = page.row["_id"]
        if page_key is not None and len(ids) <= USUAL_PAGE:
            keep(page_key, ids, size=_RESULT_BYTES + sum(map(getsizeof, ids)))
    head = {"Facets": Raw(facets), **meta(request, page.total, page.count)}
    return Reply({"Meta": head, "Items": await _items(call, shopper, page)})


async def _places(
    call: Call, shopper: Shopper, catalog: str | None, category: str | None, depth: int
) -> tuple[Form, dict[str, Any]]:
    """The form of a list that looks for its products, and the parameters that say which. One statement where nothing is
    remembered, else none.
    """
    tokens = shopper.audience.tokens(catalog)
    values = scope(shopper, tokens) | {"any_of": tokens.any_of}
    placed = category is not None or depth < DEEPEST
    if placed:
        seen = shopper.audience.catalogs
        ids = [each.id for key, each in seen.items() if catalog is None or key == catalog.lower()]
        values |= {"tree_catalogs": ids, "category": category, "depth": depth}
    few = await _sees_few(call, shopper, catalog)
    return Form("owner", in_catalog=catalog is not None, few=few, placed=placed), values


async def _items(call: Call, shopper: Shopper, page: ItemPage) -> Any:
    """The products of a page: their text, read only where the shopper's stock is its own or it has discounts."""
    quantities = page.row["_quantity"]
    if quantities is None and not shopper.discounts:
        return Raw(page.items)
    items = load(page.items)
    for item, quantity in zip(items, quantities or (), strict=False):
        if quantity is not None:
            item["Inventory"]["QuantityAvailable"] = quantity
    return await with_discounts(call, shopper, items)


def _page_key(request: ListRequest, key: Hashable | None) -> Hashable | None:
    """What the products of a page depend on, beside the audience; None where time or stock change them, too."""
    if key is None or any(entry.path.name.startswith(FLEETING) for entry in request.sort_by):
        return None
    return (key, request.sort_by, request.page, request.page_size)


def _result_key(
    request: ListRequest, catalog: str | None, category: str | None, depth: int
) -> Hashable | None:
    """What total and facets of a list depend on, beside the audience; None where time or stock change them, too."""
    paths = [test.path for condition in request.filters for test in condition.tests]
    if any(path is not None and path.name.startswith(FLEETING) for path in (*paths, *request.search_on)):
        return None
    search = (request.search, request.search_on, request.search_type) if request.search else None
    return (catalog, category, depth, request.filters, search)


async def _sees_few(call: Call, shopper: Shopper, catalog: str | None) -> bool:
    """Whether the shopper sees few products; their count is remembered with its audience. At most one statement. It decides
    the plan of a list, not what it finds.
    """
    key = None if catalog is None else catalog.lower()
    if key is not None and key not in shopper.audience.catalogs:
        return True
    memory = services(call).audiences
    total = memory.found(call, shopper, (COUNTED, key), searched=False)
    if total is None:
        tokens = shopper.audience.tokens(catalog)
        sql = sources.COUNT if catalog is None else sources.COUNT_IN_CATALOG
        row = await one(call, sql, scope(shopper, tokens) | {"any_of": tokens.any_of})
        assert row is not None
        total = row["total"]
        memory.keep_found(
            call,
            shopper,
            (COUNTED, key),
            total,
            epoch=row["epoch"],
            size=_RESULT_BYTES,
            searched=False,
        )
    few: bool = total <= FEW_PRODUCTS
    return few


def seller_scope(call: Call, seller: str | None) -> tuple[Seller, dict[str, Any]]:
    """Whose prices are asked for (PRC-1), and the parameters that they take."""
    now = call.clock()
    if seller is None:
        return "owner", {"now": now, "marketplace": call.principal.marketplace}
    if seller.lower() == call.principal.marketplace.lower():
        return "marketplace", {"now": now}
    return "supplier", {"now": now, "seller": seller}


def show_product(row: Row) -> dict[str, Any]:
    """A row with BuyerProduct's columns and `_quantity` as the shopper sees it."""
    item = _render(row)
    show_quantity(item, row)
    return item


@lru_cache(maxsize=8)
def _get_statement(seller: Seller) -> str:
    sells = f" AND ({SELLS})" if seller == "supplier" else ""
    columns = f"""{COLUMNS}, ({price(seller)}) AS "PriceSchedule", ({named(SHIP_FROM)}) AS "ShipFromAddressID",
       ({QUANTITY}) AS _quantity"""
    return confirming_both("products", columns, f't."ID" = CAST(:product AS citext) AND {VISIBLE}{sells}')


@operation(
    "Me.GetProduct",
    "GET",
    "/me/products/{productID}",
    tag="Me",
    summary="Get a product that the caller may see, at its price",
    roles=sufficient("Shopper"),
    user_types=BUYERS,
    query=(QueryParameter("sellerID", description="Whose price to show."),),
    returns=Returns(BuyerProduct),
    errors=(NotFoundError,),
    confirms=True,
    table="products",
)
async def get_my_product(call: Call) -> Reply:
    """404 for what is not visible, and for a seller that does not sell it to the buyer (PRC-3). One statement, at most
    two where categories are hidden from the shopper.
    """
    seller, values = seller_scope(call, parameters(call).get("sellerID"))
    values["product"] = call.path["productID"]

    async def run(shopper: Shopper) -> Reply:
        tokens = shopper.audience.tokens(None)
        row = await one_visible(call, _get_statement(seller), scope(shopper, tokens) | values)
        missing = NotFoundError("Product", call.path["productID"])
        product = await found(call, shopper, row, missing, lists=False)
        (item,) = await with_discounts(call, shopper, [show_product(product)])
        return Reply(item)

    return await for_shopper(call, run)


OPERATIONS: tuple[Operation, ...] = (list_my_products, get_my_product)

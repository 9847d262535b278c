"""Me.ListProducts and Me.GetProduct: what a shopper sees, at its price (SHP-3, SHP-4, VIS, PRC)."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from msgspec import Raw

from entrepot.declare.operation import Operation, QueryParameter, Reply
from entrepot.declare.view import View
from entrepot.domain.catalog.index.counts import Order
from entrepot.domain.listing.request import MAX_PAGE_SIZE, ListRequest, read_list_request
from entrepot.engine.call import Call
from entrepot.engine.lists import MARKETPLACE
from entrepot.engine.query import parameters
from entrepot.engine.wire.json import load
from entrepot.features.catalog.audience.memory import AudienceMemory
from entrepot.features.catalog.audience.shopper import Shopper
from entrepot.features.catalog.catalogs.category_list import DEEPEST, read_depth
from entrepot.features.catalog.product_index.indexes import ProductIndexes
from entrepot.features.catalog.products.resources import PRODUCT
from entrepot.features.catalog.shopping import sources
from entrepot.features.catalog.shopping.counting import Counted, CountedBySql, Indexed
from entrepot.features.catalog.shopping.discounts import with_discounts
from entrepot.features.catalog.shopping.indexed import Asked
from entrepot.features.catalog.shopping.listed_place import Place, find_place
from entrepot.features.catalog.shopping.models import BuyerProduct
from entrepot.features.catalog.shopping.one_product import read_product
from entrepot.features.catalog.shopping.pages import (
    confirm_row,
    for_shopper,
    meta,
    one,
)
from entrepot.features.catalog.shopping.prices import Seller
from entrepot.features.catalog.shopping.sources import FEW_PRODUCTS, Form, source
from entrepot.features.catalog.shopping.visible import of_shopper, scope
from entrepot.features.people.services import services
from entrepot.kernel.errors import CategoryDepthError, CategoryFilterError
from entrepot.kernel.user_types import UserType
from entrepot.storage.listing.compile import prepared_list
from entrepot.storage.listing.fetch import ItemPage, fetch_items

BUYERS = frozenset({UserType.BUYER})
_REMEMBERED = {column.name for column in sources.OWN} - {
    name for each in PRODUCT.feeds for name in each.quiet
}
FLEETING = tuple(name for name in BuyerProduct.__columns__ if name not in _REMEMBERED)
"""What changes without a change of the catalog epoch: InventoryRecords as Inventory does."""
MARKED = ("ID", "Name")
COUNTED = "how many products"
_COUNT_BYTES = 1_000
VIEW = View(
    name="Product",
    names="Products",
    model=BuyerProduct,
    table="products",
    path="/me/products",
    item="productID",
    lists=sources.OPTIONS,
)


@VIEW.list(
    "List the products that the caller may see, at its prices",
    query=sources.QUERY,
    errors=(CategoryFilterError, CategoryDepthError),
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
    """The request of a page whose products are known."""
    return ListRequest(page_size=page_size)


async def _list(
    call: Call,
    shopper: Shopper,
    given: Mapping[str, Any],
    request: ListRequest,
    depth: int,
    *,
    has_turn: bool = False,
) -> Reply:
    """has_turn: whether PostgreSQL may count it at once, should it have to."""
    indexes = services(call).memory(ProductIndexes)
    await indexes.caught_up(call)
    place = await find_place(call, shopper, given, depth)
    key = _result_key(request, place)
    page_key = _page_key(request, key)
    query = None if key is None else place.ask(call, shopper, request)
    seller, values = seller_scope(call, given.get("sellerID"))
    if query is None:
        counted: Counted = CountedBySql(call, shopper, request, key)
    else:
        counted = Indexed(call, query, request, key, _order(request, place))
    products = counted.page(page_key)
    if products is None:
        form, places = await _places(call, shopper, place, query)
        whole = not (form.few or form.placed or request.search or counted.is_remembered)
        if query is None and whole and not has_turn and call.connection is None and indexes.is_coming(call):
            async with indexes.counting(call):
                return await _list(call, shopper, given, request, depth, has_turn=True)
        form, asked = counted.form(replace(form, seller=seller)), request
        values |= places
    else:
        values |= of_shopper(shopper) | {"page": products}
        form, asked = counted.form(Form(seller, named=True)), _again(request.page_size)
    values |= counted.scope | {MARKETPLACE: call.marketplace_id}
    prepared = prepared_list(source(form), asked)
    page = await fetch_items(call.db, prepared, values)
    await confirm_row(call, shopper, page.row, lists=counted.is_remembered or place.category is not None)
    total, facets = await counted.of(page, page_key)
    head = {"Facets": Raw(facets), **meta(request, total, page.count)}
    return Reply({"Meta": head, "Items": await _items(call, shopper, page)})


async def _places(
    call: Call, shopper: Shopper, place: Place, query: Asked | None
) -> tuple[Form, dict[str, Any]]:
    """The form of a list that looks for its products, and the parameters that say which. One statement where nothing is
    known of how much the shopper sees, else none.
    """
    catalog = place.catalog
    tokens = shopper.audience.tokens(catalog)
    values = scope(shopper, tokens) | {"any_of": tokens.any_of}
    if place.is_part:
        seen = shopper.audience.catalogs
        ids = [each.id for key, each in seen.items() if catalog is None or key == catalog.lower()]
        values |= {"tree_catalogs": ids, "category": place.category, "depth": place.depth}
        values["walk"] = list(place.walk)
    few = await _sees_few(call, shopper, catalog) if query is None else query.visible <= FEW_PRODUCTS
    return Form("owner", in_catalog=catalog is not None, few=few, placed=place.is_part), values


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


def _order(request: ListRequest, place: Place) -> Order:
    """Whether what a list is sorted by is in the products' marks."""
    marked = not place.is_part and all(entry.path.name in MARKED for entry in request.sort_by)
    return Order.MARK if marked else Order.NOTHING


def _result_key(request: ListRequest, place: Place) -> Hashable | None:
    """What total and facets of a list depend on, beside the audience; None where time or stock change them, too."""
    paths = [test.path for condition in request.filters for test in condition.tests]
    if any(path is not None and path.name.startswith(FLEETING) for path in (*paths, *request.search_on)):
        return None
    search = (request.search, request.search_on, request.search_type) if request.search else None
    return (place.catalog, place.category, place.depth, request.filters, search)


async def _sees_few(call: Call, shopper: Shopper, catalog: str | None) -> bool:
    """Whether the shopper sees few products; their count is remembered with its audience. At most one statement. It decides
    the plan of a list, not what it finds.
    """
    key = None if catalog is None else catalog.lower()
    if key is not None and key not in shopper.audience.catalogs:
        return True
    memory = services(call).memory(AudienceMemory)
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
            size=_COUNT_BYTES,
            searched=False,
        )
    services(call).memory(ProductIndexes).want(call, total)
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


@VIEW.get(
    "Get a product that the caller may see, at its price",
    query=(QueryParameter("sellerID", description="Whose price to show."),),
)
async def get_my_product(call: Call) -> Reply:
    """404 for what is not visible, and for a seller that does not sell it to the buyer (PRC-3). Statements: see read_product."""
    seller, values = seller_scope(call, parameters(call).get("sellerID"))
    values["product"] = call.path["productID"]

    async def run(shopper: Shopper) -> Reply:
        return Reply(await read_product(call, shopper, seller, values))

    return await for_shopper(call, run)


OPERATIONS: tuple[Operation, ...] = (list_my_products, get_my_product)

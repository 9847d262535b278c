"""The products of a collection as lists: for the shopper who reads it, and for administrators (COL-4, COL-6)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from entrepot.declare.operation import Operation, Reply, Returns, operation
from entrepot.declare.wire import Wire
from entrepot.domain.listing.request import ListRequest, read_list_request
from entrepot.engine.call import Call
from entrepot.engine.facets import facet_page, premium_options
from entrepot.engine.lists import COMPANY, MARKETPLACE, clause
from entrepot.engine.rows import render, renderer
from entrepot.engine.scoping import require
from entrepot.features.catalog.audience.shopper import Shopper
from entrepot.features.catalog.collections.access import missing, require_readable
from entrepot.features.catalog.collections.models import (
    ProductCollectionBuyerProduct,
    ProductCollectionProduct,
)
from entrepot.features.catalog.collections.own import ITEM, my_operation
from entrepot.features.catalog.collections.resources import COLLECTIONS
from entrepot.features.catalog.products.product_fields import LINKED_FIELDS
from entrepot.features.catalog.products.product_list import product_source
from entrepot.features.catalog.products.resources import PRODUCT, PRODUCTS
from entrepot.features.catalog.products.sellers import sells
from entrepot.features.catalog.shopping.pages import Row, catalog_epoch_column, for_shopper, page
from entrepot.features.catalog.shopping.sources import Form, source
from entrepot.features.catalog.shopping.stock import show_quantity
from entrepot.features.catalog.shopping.visible import VISIBLE, scope
from entrepot.features.people.organizations.resources import IN_BUYER
from entrepot.kernel.clock import format_datetime
from entrepot.kernel.errors import NotFoundError
from entrepot.kernel.user_types import UserType
from entrepot.storage.columns import Citext
from entrepot.storage.listing.shapes import shape_of
from entrepot.storage.listing.source import Source
from entrepot.storage.tables import entity_alias

COLLECTION = "collection"
OPTIONS = premium_options(PRODUCT)
KEY = """
SELECT key FROM product_collections WHERE marketplace_id = $1 AND "BuyerID" = $2 AND "ID" = $3
"""
_entry = sa.table(
    "product_collection_entries",
    sa.column(MARKETPLACE, sa.BigInteger()),
    sa.column("collection_key", sa.BigInteger()),
    sa.column("ProductID", Citext()),
    sa.column("ListOrder", sa.Integer()),
    sa.column("date_added", sa.DateTime(timezone=True)),
).alias("entry")


def _of_collection(model: type[Wire], products: Source, *where: sa.ColumnElement[bool]) -> Source:
    """A list of products as one of the entries of `:collection`, which come by ListOrder, then as they were added."""
    product = entity_alias(PRODUCT)
    return replace(
        products,
        shape=replace(
            products.shape,
            fields=(*shape_of(model, OPTIONS, ()).fields, *LINKED_FIELDS),
            parameters=frozenset(),
        ),
        table=sa.join(products.table, _entry, _entry.c.ProductID == product.c.ID),
        columns=(
            _entry.c.ListOrder,
            _entry.c.date_added.label("DateAdded"),
            *products.columns,
            *products.once,
        ),
        fields={"ListOrder": _entry.c.ListOrder, "DateAdded": _entry.c.date_added, **products.fields},
        where=(
            *products.where,
            _entry.c.marketplace_id == sa.bindparam(MARKETPLACE, type_=sa.BigInteger()),
            _entry.c.collection_key == sa.bindparam(COLLECTION, type_=sa.BigInteger()),
            *where,
        ),
        lead=(_entry.c.ListOrder, _entry.c.date_added),
        item=(),
        once=(),
    )


_for_readers = _of_collection(ProductCollectionBuyerProduct, source(Form("owner")))
_for_sellers = _of_collection(ProductCollectionProduct, product_source())
_for_suppliers = _of_collection(
    ProductCollectionProduct,
    product_source(),
    clause(sells(f"CAST(:{COMPANY} AS citext)")),
)
_for_colleagues = replace(
    _for_sellers,
    columns=(*_for_sellers.columns, catalog_epoch_column()),
    where=(*_for_sellers.where, clause(VISIBLE)),
)
"""To other users of the buyer, what they see themselves."""


async def list_entries(call: Call) -> Reply:
    """What the reader sees of a collection that it may read, at its prices. Two statements; more for an empty page."""
    access = await require_readable(call)
    request = read_list_request(call.query, _for_readers.shape)
    values: dict[str, Any] = {
        COLLECTION: access.key,
        "now": call.clock(),
        "marketplace": call.principal.marketplace,
    }
    return await _page(call, _for_readers, request, values, _show_to_reader)


@operation(
    "ProductCollections.ListEntries",
    "GET",
    f"{COLLECTIONS.path}/{{productCollectionID}}/products",
    tag=COLLECTIONS.title,
    summary="List the products of a product collection",
    roles=COLLECTIONS.roles.read,
    lists=OPTIONS,
    returns=Returns(ProductCollectionProduct, page=True),
    errors=(NotFoundError,),
    confirms=True,
    resource=COLLECTIONS.name,
)
async def list_entries_of_buyer(call: Call) -> Reply:
    """All of them for the seller; for a supplier those that it owns or sells, for a buyer's user those that it sees."""
    (buyer,) = await require(call, IN_BUYER)
    key = await call.db.fetchval(KEY, call.marketplace_id, buyer, call.path["productCollectionID"])
    if key is None:
        raise missing(call)
    request = read_list_request(call.query, _for_sellers.shape)
    values: dict[str, Any] = {COLLECTION: key}

    def show(row: Row) -> dict[str, Any]:
        return {**_entry_of(row), **render(call, PRODUCTS, row)}

    if call.principal.user_type is UserType.BUYER:
        return await _page(call, _for_colleagues, request, values, show)
    values |= {MARKETPLACE: call.marketplace_id, COMPANY: call.principal.company_id}
    supplied = call.principal.supplier_id is not None
    return await facet_page(call, _for_suppliers if supplied else _for_sellers, request, values, show)


async def _page(
    call: Call,
    entries: Source,
    request: ListRequest,
    values: Mapping[str, Any],
    show: Callable[[Row], dict[str, Any]],
) -> Reply:
    """A page of what the calling shopper sees of a collection."""

    async def run(shopper: Shopper) -> Reply:
        seen = scope(shopper, shopper.audience.tokens(None))
        return await page(call, shopper, entries, request, {**seen, **values}, show)

    return await for_shopper(call, run)


def _show_to_reader(row: Row) -> dict[str, Any]:
    item = _render(row)
    show_quantity(item, row)
    return item


def _entry_of(row: Row) -> dict[str, Any]:
    return {"ListOrder": row["ListOrder"], "DateAdded": format_datetime(row["DateAdded"])}


_render = renderer(ProductCollectionBuyerProduct).render

OPERATIONS: tuple[Operation, ...] = (
    my_operation(
        "ListProductCollectionEntries",
        "GET",
        f"{ITEM}/products",
        list_entries,
        "List the products of a collection that the caller may see, at its prices",
        lists=OPTIONS,
        returns=Returns(ProductCollectionBuyerProduct, page=True),
        errors=(NotFoundError,),
        confirms=True,
    ),
    list_entries_of_buyer,
)

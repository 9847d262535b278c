"""The administrators' list of bundles: the products that are bundles, as such (BND-1, FAC-1)."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache, partial

from entrepot.declare.operation import Operation, Reply, Returns, operation
from entrepot.declare.roles import Right
from entrepot.domain.listing.request import read_list_request
from entrepot.engine.access import allowed_types
from entrepot.engine.call import Call
from entrepot.engine.facets import facet_page, premium_options
from entrepot.engine.lists import field_expressions, page_columns
from entrepot.engine.rows import render
from entrepot.features.catalog.bundles.resources import BUNDLE, BUNDLES, Bundle
from entrepot.features.catalog.products.product_list import QUERY, narrowed
from entrepot.features.catalog.products.resources import PRODUCT
from entrepot.kernel.errors import CategoryFilterError
from entrepot.storage.listing.shapes import shape_of
from entrepot.storage.listing.source import Source
from entrepot.storage.tables import entity_alias

OPTIONS = premium_options(PRODUCT)
SHAPE = shape_of(Bundle, OPTIONS, QUERY)
PLACED_SHAPE = replace(SHAPE, order=())
"""Under a category: by ListOrder, ties by ID (SRCH-6)."""


@operation(
    "Bundles.List",
    "GET",
    BUNDLES.path,
    tag=BUNDLES.title,
    summary="List Bundles",
    roles=BUNDLES.roles.read,
    user_types=allowed_types(BUNDLES.access, Right.READ),
    query=QUERY,
    lists=OPTIONS,
    returns=Returns(Bundle, page=True),
    errors=(CategoryFilterError,),
    confirms=True,
    resource=BUNDLES.name,
    table=BUNDLE.table,
)
async def list_bundles(call: Call) -> Reply:
    """All bundles, a supplier's own for it. One statement for page, total and facets; up to three for an empty page."""
    request = read_list_request(call.query, SHAPE)
    source, scope = narrowed(call)
    return await facet_page(call, _of_bundles(source), request, scope, partial(render, call, BUNDLES))


@lru_cache(maxsize=256)
def _of_bundles(products: Source) -> Source:
    """A list of products as one of bundles."""
    table, columns = entity_alias(PRODUCT), BUNDLES.columns
    return replace(
        products,
        shape=PLACED_SHAPE if products.lead else SHAPE,
        columns=tuple(page_columns(columns, table, ())),
        fields=field_expressions(PRODUCT, columns, table),
        where=(*products.where, table.c.IsBundle),
        collections={},
    )


OPERATIONS: tuple[Operation, ...] = (list_bundles,)

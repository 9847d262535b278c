"""The administrators' list of products: premium search, facets, and where products belong (PRD-3, FAC-1, FLT-2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any

import sqlalchemy as sa

from entrepot.declare.operation import Operation, QueryParameter, Reply, Returns, operation
from entrepot.declare.roles import Right
from entrepot.domain.listing.request import read_list_request
from entrepot.engine.access import allowed_types
from entrepot.engine.call import Call
from entrepot.engine.facets import DEFINITIONS, facet_page, premium_options
from entrepot.engine.lists import (
    MARKETPLACE,
    clause,
    field_expressions,
    page_columns,
)
from entrepot.engine.query import parameters
from entrepot.engine.rows import render
from entrepot.engine.sight import facts_of
from entrepot.features.catalog.products import memberships
from entrepot.features.catalog.products.memberships import CATALOG, CATEGORY, SUPPLIER, Wanted, read_wanted
from entrepot.features.catalog.products.product_fields import DEAR, LINKED_FIELDS, linked
from entrepot.features.catalog.products.resources import PRODUCT, PRODUCTS, Product
from entrepot.features.people.ownership import OWN
from entrepot.kernel.errors import CategoryFilterError
from entrepot.kernel.user_types import UserType
from entrepot.storage.columns import Citext
from entrepot.storage.listing.shapes import shape_of
from entrepot.storage.listing.source import Source
from entrepot.storage.tables import entity_alias, text_columns

QUERY = (
    QueryParameter(CATALOG, description="Only products of this catalog; `!` negates, `|` separates several."),
    QueryParameter(CATEGORY, description="Only products of this category and of those below it."),
    QueryParameter(SUPPLIER, description="Only products that this supplier owns or sells."),
)
OPTIONS = premium_options(PRODUCT)
_NATIVE = shape_of(Product, OPTIONS, QUERY)
SHAPE = replace(_NATIVE, fields=(*_NATIVE.fields, *LINKED_FIELDS), dear=DEAR)
PLACED_SHAPE = replace(SHAPE, order=())
"""Under a category: by ListOrder, ties by ID (SRCH-6)."""

LISTED = {UserType.SUPPLIER: OWN, UserType.BUYER: PRODUCTS.visible[UserType.BUYER]}
"""What callers of a kind find in the list, as Resource.visible has it; by ID suppliers read more (PRD-3)."""
Parts = tuple[tuple[str, bool, bool], ...]
"""The parameters that were given, each with whether it names something to be in and something to be outside of."""


@operation(
    "Products.List",
    "GET",
    PRODUCTS.path,
    tag=PRODUCTS.title,
    summary="List Products",
    roles=PRODUCTS.roles.read,
    user_types=allowed_types(PRODUCTS.access, Right.READ),
    query=QUERY,
    lists=OPTIONS,
    returns=Returns(Product, page=True),
    errors=(CategoryFilterError,),
    confirms=True,
    resource=PRODUCTS.name,
    table=PRODUCT.table,
)
async def list_products(call: Call) -> Reply:
    """All products, whatever their assignments and whether active or not; a supplier's list has its own (PRD-3), a buyer's what its user
    may see (AUTH-53).

    One statement for page, total and facets; up to three for an empty page.
    """
    request = read_list_request(call.query, SHAPE)
    source, scope = narrowed(call)
    return await facet_page(call, source, request, scope, partial(render, call, PRODUCTS))


def narrowed(call: Call) -> tuple[Source, dict[str, Any]]:
    """The products that the call's parameters name, with the values of the source's own. Raises
    Product.CategoryFilterRequiresCatalogID.
    """
    wanted = {name: read_wanted(name, text) for name, text in parameters(call).items()}
    catalogs = wanted[CATALOG].among if CATALOG in wanted else ()
    if CATEGORY in wanted and not catalogs:
        raise CategoryFilterError
    scope: dict[str, Any] = {MARKETPLACE: call.marketplace_id, "catalogs": list(catalogs)}
    for name, each in wanted.items():
        scope |= {f"{name}_among": list(each.among), f"{name}_outside": list(each.outside)}
    kind = call.principal.user_type
    if kind in LISTED:
        scope |= facts_of(call.principal)
    return product_source(_parts(wanted), LISTED.get(kind)), scope


def _parts(wanted: Mapping[str, Wanted]) -> Parts:
    return tuple((name, bool(each.among), bool(each.outside)) for name, each in sorted(wanted.items()))


@lru_cache(maxsize=256)
def product_source(parts: Parts = (), seen: str | None = None) -> Source:
    """The list narrowed by parameters, and to what `seen` says."""
    table = entity_alias(PRODUCT)
    rows: sa.FromClause = table
    where: list[sa.ColumnElement[bool]] = [
        table.c.marketplace_id == sa.bindparam(MARKETPLACE, type_=sa.BigInteger())
    ]
    if seen is not None:
        where.append(clause(seen))
    lead: tuple[sa.ColumnElement[object], ...] = ()
    in_category = any((name, outside) == (CATEGORY, False) for name, _, outside in parts)
    for name, among, outside in parts:
        if (name, outside) == (CATEGORY, False):
            columns = (sa.column("id", Citext()), sa.column("place", sa.Integer()))
            placed = sa.text(memberships.placed()).columns(*columns).subquery("placed")
            rows, lead = table.join(placed, placed.c.id == table.c.ID), (placed.c.place,)
        else:
            text = memberships.condition(name, among=among, outside=outside, indexed=not in_category)
            where.append(sa.text(text))  # type: ignore[arg-type]
    fields = field_expressions(PRODUCT, PRODUCTS.columns, table)
    # What a product without a price of its own shows is its parent's (PRD-6).
    price = sa.func.coalesce(table.c.DefaultPriceScheduleID, table.c.inherited_price_schedule, type_=Citext())
    return Source(
        shape=PLACED_SHAPE if lead else SHAPE,
        table=rows,
        columns=tuple(page_columns(PRODUCTS.columns, table, PRODUCTS.hooks.shows)),
        fields=fields | {"DefaultPriceScheduleID": price},
        where=tuple(where),
        lead=lead,
        collections=linked(table),
        text=text_columns(table, PRODUCT.text),
        facets=DEFINITIONS,
    )


OPERATIONS: tuple[Operation, ...] = (list_products,)

"""The active variants of a product that a shopper sees, with its stock of them (SHP-5, VAR-7, IRC-3)."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from entrepot.declare.operation import Operation, Reply
from entrepot.declare.view import View
from entrepot.domain.listing.request import read_list_request
from entrepot.engine.call import Call
from entrepot.engine.lists import scalar
from entrepot.engine.rows import renderer
from entrepot.features.catalog.audience.shopper import Shopper
from entrepot.features.catalog.products.variants import VARIANT, VARIANTS, Variant
from entrepot.features.catalog.shopping.pages import Row, columns_of, for_shopper, one, page, rows_source
from entrepot.features.catalog.shopping.seen import require_product
from entrepot.features.catalog.shopping.stock import QUANTITY_OF_VARIANT, show_quantity
from entrepot.kernel.errors import NotFoundError
from entrepot.storage.listing.shapes import shape_of
from entrepot.storage.tables import entity_alias

OPTIONS = VARIANTS.lists
SHAPE = shape_of(Variant, OPTIONS, ())
PROPERTIES = tuple(Variant.__columns__.values())
WHERE = 't."ProductID" = CAST(:product AS citext) AND t."Active"'
GET = f"""
SELECT {columns_of(Variant)}, ({QUANTITY_OF_VARIANT}) AS _quantity FROM variants t
WHERE t.marketplace_id = :marketplace_id AND {WHERE} AND t."ID" = CAST(:variant AS citext)
"""
VIEW = View(
    name="Variant",
    names="Variants",
    model=Variant,
    table=VARIANT.table,
    path="/me/products/{productID}/variants",
    item="variantID",
    lists=OPTIONS,
)
_quantity = scalar(QUANTITY_OF_VARIANT, sa.BigInteger())
_stored = sa.cast(
    entity_alias(VARIANT).c.Inventory.op("->>")(sa.literal_column("'QuantityAvailable'")), sa.BigInteger()
)
_source = rows_source(
    VARIANT,
    PROPERTIES,
    SHAPE,
    WHERE,
    extra=(_quantity.label("_quantity"),),
    fields={"Inventory.QuantityAvailable": sa.func.coalesce(_quantity, _stored)},
)
_render = renderer(Variant).render


@VIEW.list("List the variants of a product that the caller may see", errors=(NotFoundError,))
async def list_my_variants(call: Call) -> Reply:
    """Two statements."""
    request = read_list_request(call.query, SHAPE)

    async def run(shopper: Shopper) -> Reply:
        scope = {"product": await require_product(call, shopper), **_party(shopper)}
        return await page(call, shopper, _source, request, scope, _show)

    return await for_shopper(call, run)


@VIEW.get("Get a variant of a product that the caller may see")
async def get_my_variant(call: Call) -> Reply:
    """Two statements."""
    variant = call.path["variantID"]

    async def run(shopper: Shopper) -> Reply:
        scope = {"product": await require_product(call, shopper), "variant": variant, **_party(shopper)}
        row = await one(call, GET, scope)
        if row is None:
            raise NotFoundError("Variant", variant)
        return Reply(_show(row))

    return await for_shopper(call, run)


def _party(shopper: Shopper) -> dict[str, Any]:
    return {"buyer": shopper.buyer, "groups": shopper.groups}


def _show(row: Row) -> dict[str, Any]:
    item = _render(row)
    show_quantity(item, row)
    return item


OPERATIONS: tuple[Operation, ...] = (list_my_variants, get_my_variant)

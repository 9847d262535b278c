"""The inventory records that a shopper may order from (IRC-4, SHP-5)."""

from __future__ import annotations

from typing import Any

from entrepot.declare.operation import Operation, QueryParameter, Reply, Returns, operation
from entrepot.declare.roles import sufficient
from entrepot.declare.types import WireType
from entrepot.domain.listing.request import read_list_request
from entrepot.engine.call import Call
from entrepot.engine.query import parameters
from entrepot.engine.rows import renderer
from entrepot.features.catalog.audience.shopper import Shopper
from entrepot.features.catalog.inventory.resources import INVENTORY_RECORD, OF_PRODUCTS, InventoryRecord
from entrepot.features.catalog.shopping.pages import Row, for_shopper, one, page, rows_source
from entrepot.features.catalog.shopping.seen import require_product
from entrepot.features.catalog.shopping.stock import is_meant
from entrepot.kernel.errors import NotFoundError
from entrepot.kernel.user_types import UserType
from entrepot.storage.listing.shapes import shape_of

OPTIONS = OF_PRODUCTS.lists
QUERY = (
    QueryParameter(
        "includeAddress", WireType("boolean"), description="False: Address is null. Default true."
    ),
)
SHAPE = shape_of(InventoryRecord, OPTIONS, QUERY)
PROPERTIES = tuple(InventoryRecord.__columns__.values())
MEANT = is_meant("t")
OF_PRODUCT = f't."ProductID" = CAST(:product AS citext) AND t."VariantID" IS NULL AND {MEANT}'
OF_VARIANT = (
    f"""t."ProductID" = CAST(:product AS citext) AND t."VariantID" = CAST(:variant AS citext) AND {MEANT}"""
)
ACTIVE_VARIANT = """
SELECT v."ID" AS id FROM variants v WHERE v.marketplace_id = :marketplace_id
 AND v."ProductID" = CAST(:product AS citext) AND v."ID" = CAST(:variant AS citext) AND v."Active"
"""
_of_product, _of_variant = (
    rows_source(INVENTORY_RECORD, PROPERTIES, SHAPE, where) for where in (OF_PRODUCT, OF_VARIANT)
)
_render = renderer(InventoryRecord).render


@operation(
    "Me.ListProductInventoryRecords",
    "GET",
    "/me/products/{productID}/inventoryrecords",
    tag="Me",
    summary="List the inventory records of a product that the caller may order from",
    roles=sufficient("Shopper"),
    user_types=frozenset({UserType.BUYER}),
    query=QUERY,
    lists=OPTIONS,
    returns=Returns(InventoryRecord, page=True),
    errors=(NotFoundError,),
    confirms=True,
    table=INVENTORY_RECORD.table,
)
async def list_product_records(call: Call) -> Reply:
    """The product's own records, not those of its variants. Two statements."""
    return await for_shopper(call, lambda shopper: _list(call, shopper))


@operation(
    "Me.ListVariantInventoryRecords",
    "GET",
    "/me/products/{productID}/variants/{variantID}/inventoryrecords",
    tag="Me",
    summary="List the inventory records of a variant that the caller may order from",
    roles=sufficient("Shopper"),
    user_types=frozenset({UserType.BUYER}),
    query=QUERY,
    lists=OPTIONS,
    returns=Returns(InventoryRecord, page=True),
    errors=(NotFoundError,),
    confirms=True,
    table=INVENTORY_RECORD.table,
)
async def list_variant_records(call: Call) -> Reply:
    """404 for an inactive variant, too (VAR-7). Three statements."""
    return await for_shopper(call, lambda shopper: _list(call, shopper))


async def _list(call: Call, shopper: Shopper) -> Reply:
    request = read_list_request(call.query, SHAPE)
    with_address = parameters(call).get("includeAddress", True)
    scope: dict[str, Any] = {"buyer": shopper.buyer, "groups": shopper.groups}
    scope["product"] = await require_product(call, shopper)
    source = _of_product
    if "variantID" in call.path:
        variant = await one(call, ACTIVE_VARIANT, scope | {"variant": call.path["variantID"]})
        if variant is None:
            raise NotFoundError("Variant", call.path["variantID"])
        scope["variant"], source = variant["id"], _of_variant

    def show(row: Row) -> dict[str, Any]:
        item: dict[str, Any] = _render(row)
        return item if with_address else item | {"Address": None}

    return await page(call, shopper, source, request, scope, show)


OPERATIONS: tuple[Operation, ...] = (list_product_records, list_variant_records)

"""The specs of a product that a shopper sees, with the defaults that are in effect for it (SPC-4, SHP-5)."""

from __future__ import annotations

from entrepot.declare.operation import Operation, QueryParameter, Reply
from entrepot.declare.view import View
from entrepot.engine.call import Call
from entrepot.engine.query import parameters
from entrepot.engine.rows import renderer
from entrepot.engine.selections import SelectedList
from entrepot.features.catalog.audience.shopper import Shopper
from entrepot.features.catalog.catalogs.spec_products import OF_ONE_PRODUCT, SPECS_OF_PRODUCT
from entrepot.features.catalog.catalogs.spec_resources import Spec
from entrepot.features.catalog.shopping.pages import for_shopper, one
from entrepot.features.catalog.shopping.seen import require_product
from entrepot.kernel.errors import NotFoundError

CATALOG = QueryParameter("catalogID", description="The catalog through which the product must be visible.")
VIEW = View(
    name="Spec",
    names="Specs",
    model=Spec,
    table="specs",
    path="/me/products/{productID}/specs",
    item="specID",
    lists=SPECS_OF_PRODUCT.options,
)
_specs = SelectedList(Spec, OF_ONE_PRODUCT, SPECS_OF_PRODUCT.options, query=(CATALOG,))
GET = f'SELECT * FROM ({OF_ONE_PRODUCT}) one WHERE one."ID" = CAST(:spec AS citext)'


@VIEW.list("List the specs of a product that the caller may see", query=(CATALOG,), errors=(NotFoundError,))
async def list_my_specs(call: Call) -> Reply:
    """Two statements."""
    catalog = parameters(call).get("catalogID")

    async def run(shopper: Shopper) -> Reply:
        product = await require_product(call, shopper, catalog)
        return await _specs.page(call, {"product": product})

    return await for_shopper(call, run)


@VIEW.get("Get a spec of a product that the caller may see", query=(CATALOG,))
async def get_my_spec(call: Call) -> Reply:
    """Two statements."""
    catalog = parameters(call).get("catalogID")

    async def run(shopper: Shopper) -> Reply:
        product = await require_product(call, shopper, catalog)
        row = await one(call, GET, {"product": product, "spec": call.path["specID"]})
        if row is None:
            raise NotFoundError("Spec", call.path["specID"])
        return Reply(renderer(Spec).render(row))

    return await for_shopper(call, run)


OPERATIONS: tuple[Operation, ...] = (list_my_specs, get_my_spec)

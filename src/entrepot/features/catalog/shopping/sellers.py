"""Who sells a product to a shopper, and at which price (SHP-6)."""

from __future__ import annotations

from entrepot.declare.operation import ListOptions, Operation, Reply, Returns, operation
from entrepot.declare.roles import sufficient
from entrepot.engine.call import Call
from entrepot.engine.selections import SelectedList
from entrepot.features.catalog.audience.shopper import Shopper
from entrepot.features.catalog.shopping.models import ProductSeller
from entrepot.features.catalog.shopping.pages import for_shopper
from entrepot.features.catalog.shopping.prices import price
from entrepot.features.catalog.shopping.seen import require_product
from entrepot.features.catalog.shopping.selling import is_open, sells_it
from entrepot.kernel.errors import NotFoundError
from entrepot.kernel.user_types import UserType

OF_SUPPLIER = price("supplier").replace("CAST(:seller AS citext)", 'sup."ID"')
SELLERS = f"""
SELECT ({price("marketplace")}) AS "PriceSchedule", mp."ID", mp."Name" FROM marketplaces mp
JOIN products t ON t.marketplace_id = :marketplace_id AND t."ID" = CAST(:product AS citext)
WHERE mp.marketplace_id = :marketplace_id
UNION ALL
SELECT ({OF_SUPPLIER}), sup."ID", sup."Name" FROM products t
JOIN suppliers sup ON sup.marketplace_id = :marketplace_id AND {is_open("sup")}
WHERE t.marketplace_id = :marketplace_id AND t."ID" = CAST(:product AS citext) AND ({sells_it("sup")})
"""
_sellers = SelectedList(ProductSeller, SELLERS, ListOptions(search=("ID", "Name"), sort=("Name", "ID")))


@operation(
    "Me.ListProductSellers",
    "GET",
    "/me/products/{productID}/sellers",
    tag="Me",
    summary="List the companies that sell a product to the caller",
    roles=sufficient("Shopper"),
    user_types=frozenset({UserType.BUYER}),
    lists=_sellers.options,
    returns=Returns(ProductSeller, page=True),
    errors=(NotFoundError,),
    confirms=True,
    table="suppliers",
)
async def list_product_sellers(call: Call) -> Reply:
    """The marketplace owner, and the suppliers that sell the product and that the buyer may order from. Two statements."""

    async def run(shopper: Shopper) -> Reply:
        product = await require_product(call, shopper)
        scope = {
            "product": product,
            "buyer": shopper.buyer,
            "groups": shopper.groups,
            "currency": shopper.currency,
            "now": call.clock(),
        }
        return await _sellers.page(call, scope)

    return await for_shopper(call, run)


OPERATIONS: tuple[Operation, ...] = (list_product_sellers,)

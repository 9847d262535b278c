"""One product of a shopper by its ID: what Me.GetProduct reads (SHP-3, PRC-3).

PostgreSQL sets up each node of a plan, also those that it never comes to, and half of what a product takes it would be the nodes for
bundles, children, suppliers' products and records of stock. So a product is asked for as if it were none of these; the statement tells
whether it is, and then it is asked for as a whole, as it is from the beginning from then on.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from msgspec import Raw
from msgspec.json import Decoder

from entrepot.engine.call import Call
from entrepot.engine.wire.json import load
from entrepot.features.catalog.audience.shopper import Shopper
from entrepot.features.catalog.shopping.discounts import with_discounts
from entrepot.features.catalog.shopping.pages import confirming_both, found, one_visible
from entrepot.features.catalog.shopping.prices import PLAIN_PRICE, Seller, price
from entrepot.features.catalog.shopping.selling import SELLS
from entrepot.features.catalog.shopping.sources import item as item_text
from entrepot.features.catalog.shopping.stock import HAS_RECORDS, QUANTITY
from entrepot.features.catalog.shopping.visible import ITSELF, VISIBLE, with_texts
from entrepot.features.people.services import services
from entrepot.kernel.recent import Recent

MOST_INVOLVED = 20_000
NAMED = 't."ID" = CAST(:product AS citext)'
INVOLVED = f"""t."IsBundle" OR t."ParentID" IS NOT NULL OR t."OwnerID" <> CAST(:marketplace AS citext) OR {HAS_RECORDS}"""
"""That a product is more than PLAIN reads."""
PLAIN = with_texts(
    confirming_both(
        "products",
        f"{item_text(PLAIN_PRICE)} AS _item, ({INVOLVED}) AS _involved",
        f"{NAMED} AND {ITSELF.format(t='t', p='')}",
    )
)
"""A product at its owner's price, whole unless it is `_involved`."""
_parts = Decoder(dict[str, Raw]).decode


class InvolvedProducts:
    """The products of which PLAIN has said of late that they are more, as they were asked for. What it says only costs or saves a
    statement.
    """

    def __init__(self) -> None:
        self._known: Recent[bool] = Recent(MOST_INVOLVED)

    def knows(self, call: Call, product: str) -> bool:
        return self._known.get((call.marketplace_id, product)) is not None

    def note(self, call: Call, product: str) -> None:
        self._known.keep((call.marketplace_id, product), True)


@lru_cache(maxsize=8)
def _whole(seller: Seller) -> str:
    sells = f" AND ({SELLS})" if seller == "supplier" else ""
    columns = f"{item_text(price(seller))} AS _item, ({QUANTITY}) AS _quantity"
    return with_texts(confirming_both("products", columns, f"{NAMED} AND {VISIBLE}{sells}"))


async def read_product(call: Call, shopper: Shopper, seller: Seller, values: dict[str, Any]) -> Any:
    """The product of `values` as the wire shows it. One statement; two of a bundle, a child, a supplier's product and one with records
    of stock, when it is first asked for. Where categories are hidden from the shopper each may be sent twice. Raises NotFoundError.
    """
    product = values["product"]
    texts = shopper.texts | values
    if seller == "owner":
        involved = services(call).memory(InvolvedProducts)
        if not involved.knows(call, product):
            row = await one_visible(call, PLAIN, texts)
            if row is None or not row["_involved"]:
                row = await found(call, shopper, row, "Product", product, lists=False)
                return await _shown(call, shopper, row["_item"], None)
            involved.note(call, product)
    row = await one_visible(call, _whole(seller), texts)
    row = await found(call, shopper, row, "Product", product, lists=False)
    return await _shown(call, shopper, row["_item"], row["_quantity"])


async def _shown(call: Call, shopper: Shopper, item: str, quantity: int | None) -> Any:
    """The product of this text, which is taken apart only where the shopper's stock is its own or it has discounts."""
    text = item.encode()
    if quantity is None and not shopper.discounts:
        return text
    product: dict[str, Any] = _parts(text)
    if quantity is not None:
        product["Inventory"] = load(bytes(product["Inventory"])) | {"QuantityAvailable": quantity}
    (product,) = await with_discounts(call, shopper, [product])
    return product

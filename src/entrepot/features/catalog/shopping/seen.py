"""The product that a path leads through: one that the shopper sees (SHP-5)."""

from __future__ import annotations

from entrepot.engine.call import Call
from entrepot.features.catalog.audience.shopper import Shopper
from entrepot.features.catalog.shopping.pages import confirming_both, found, one_visible
from entrepot.features.catalog.shopping.visible import (
    VISIBLE,
    VISIBLE_IN_CATALOG,
    scope_in_texts,
    with_texts,
)

SEEN, SEEN_IN_CATALOG = (
    with_texts(confirming_both("products", 't."ID"', f't."ID" = CAST(:product AS citext) AND {visible}'))
    for visible in (VISIBLE, VISIBLE_IN_CATALOG)
)


async def require_product(call: Call, shopper: Shopper, catalog: str | None = None) -> str:
    """The stored ID of the path's product; 404 for one that the shopper does not see. One statement, at most two where
    categories are hidden from the shopper.
    """
    return await require_seen(call, shopper, call.path["productID"], catalog)


async def require_seen(call: Call, shopper: Shopper, product: str, catalog: str | None = None) -> str:
    """The same of any product."""
    tokens = shopper.audience.tokens(catalog)
    sql = SEEN if catalog is None else SEEN_IN_CATALOG
    row = await one_visible(call, sql, scope_in_texts(shopper, tokens) | {"product": product})
    stored: str = (await found(call, shopper, row, "Product", product))["ID"]
    return stored

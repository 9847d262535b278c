"""Rules of bundles (BND-1 to BND-3)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from entrepot.declare.assignment import AssignmentHooks
from entrepot.engine.call import Call
from entrepot.features.people.ownership import OwnedHooks, belongs_to_another
from entrepot.kernel.errors import (
    BundleInBundleError,
    BundleOwnerError,
    ChildrenInBundleError,
    ModifyProductError,
    NotFoundError,
    ParentInBundleError,
)

Values = dict[str, Any]

BUNDLE = """
SELECT "OwnerID" FROM products WHERE marketplace_id = $1 AND "ID" = $2 AND "IsBundle" FOR NO KEY UPDATE
"""
IS_BUNDLE = 'SELECT 1 FROM products WHERE marketplace_id = $1 AND "ID" = $2 AND "IsBundle"'
COMPONENT = """
SELECT "OwnerID", "IsBundle", "IsParent", "ParentID" FROM products WHERE marketplace_id = $1 AND "ID" = $2 FOR SHARE
"""
HOLDS = """
SELECT 1 FROM bundle_product_assignments WHERE marketplace_id = $1 AND "BundleID" = $2 AND "ProductID" = $3
"""
HOLDS_CHILDREN = """
SELECT 1 FROM bundle_product_assignments a
JOIN products p ON p.marketplace_id = $1 AND p."ID" = a."ProductID"
WHERE a.marketplace_id = $1 AND a."BundleID" = $2 AND p."ParentID" = $3 LIMIT 1
"""


class BundleHooks(OwnedHooks):
    """BND-1: the bundle's row is that of the product, with what a product has from its creation on."""

    def __init__(self) -> None:
        super().__init__(ModifyProductError)

    async def check_write(self, call: Call, old: Values | None, new: Values) -> None:
        await super().check_write(call, old, new)
        if old is None:
            new |= {"IsBundle": True, "QuantityMultiplier": 1, "DateCreated": call.clock()}


class BundleProductHooks(AssignmentHooks):
    """What a bundle may hold (BND-3). Its owner and the seller say so. A shopper sees it with all that it holds only (BND-2)."""

    async def check_write(self, call: Call, old: Values | None, new: Values) -> None:
        owner = await _lock_bundle(call, new["BundleID"])
        product = await call.db.fetchrow(COMPONENT, call.marketplace_id, new["ProductID"])
        if product is None:
            raise NotFoundError("Product", new["ProductID"])
        if product["OwnerID"].lower() != owner.lower():
            raise BundleOwnerError
        if product["IsBundle"]:
            raise BundleInBundleError
        bundle = (call.marketplace_id, new["BundleID"])
        if product["ParentID"] is not None and await call.db.fetchval(HOLDS, *bundle, product["ParentID"]):
            raise ParentInBundleError
        if product["IsParent"] and await call.db.fetchval(HOLDS_CHILDREN, *bundle, new["ProductID"]):
            raise ChildrenInBundleError

    async def check_delete(self, call: Call, old: Values) -> None:
        await _lock_bundle(call, old["BundleID"])


class AsProductHooks(AssignmentHooks):
    """A bundle is assigned as the product that it is (BND-2): the same rules, for bundles only."""

    def __init__(self, of_products: AssignmentHooks) -> None:
        self._of_products = of_products

    async def check_write(self, call: Call, old: Values | None, new: Values) -> None:
        await require_bundle(call, new["ProductID"])
        with as_bundle(new["ProductID"]):
            await self._of_products.check_write(call, old, new)

    async def after_write(self, call: Call, old: Values | None, new: Values) -> None:
        await self._of_products.after_write(call, old, new)

    async def check_delete(self, call: Call, old: Values) -> None:
        await require_bundle(call, old["ProductID"])
        await self._of_products.check_delete(call, old)

    async def after_delete(self, call: Call, old: Values) -> None:
        await self._of_products.after_delete(call, old)


@contextmanager
def as_bundle(product: str) -> Iterator[None]:
    """A product that is not there for the caller is a bundle that is not there."""
    try:
        yield
    except NotFoundError as error:
        if error.data["ObjectType"] == "Product":
            raise NotFoundError("Bundle", product) from error
        raise


async def require_bundle(call: Call, product: str) -> None:
    """404 for a product that is no bundle."""
    if await call.db.fetchval(IS_BUNDLE, call.marketplace_id, product) is None:
        raise NotFoundError("Bundle", product)


async def _lock_bundle(call: Call, bundle: str) -> str:
    """The owner of a bundle, whose products nobody else changes until the unit ends. 404 for what is none."""
    owner: str | None = await call.db.fetchval(BUNDLE, call.marketplace_id, bundle)
    if owner is None or belongs_to_another(call, owner):
        raise NotFoundError("Bundle", bundle)
    return owner

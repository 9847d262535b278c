"""What the end of a supplier means for the products that it sold."""

from __future__ import annotations

from entrepot.engine.call import Call
from entrepot.features.catalog.audience.tokens import refresh_products

UNASSIGN = """
DELETE FROM product_assignments WHERE marketplace_id = $1 AND "SellerID" = $2
RETURNING "ProductID" AS changed_product_id, "BuyerID" AS changed_buyer
"""
FORWARD_NO_MORE = """
UPDATE products SET "AutoForward" = false
WHERE marketplace_id = $1 AND "DefaultSupplierID" = $2 AND "AutoForward" RETURNING number AS changed_product
"""


async def end_selling(call: Call, supplier_id: str) -> None:
    """Before a supplier is deleted: what its assignments let buyers see goes with them (ASG-4), and nothing is forwarded
    to it (PRD-2). Two statements, and those of the products it had assigned.
    """
    await call.db.fetch(FORWARD_NO_MORE, call.marketplace_id, supplier_id)
    rows = await call.db.fetch(UNASSIGN, call.marketplace_id, supplier_id)
    await refresh_products(call, sorted({row["changed_product_id"] for row in rows}))

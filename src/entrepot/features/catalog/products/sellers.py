"""Which companies sell a product (SUP-3, SUP-4)."""

from __future__ import annotations

from typing import Any

from entrepot.engine.call import Call
from entrepot.kernel.errors import ModifyProductError, NotFoundError
from entrepot.kernel.sql import Sql

RELATE = """
INSERT INTO product_suppliers (marketplace_id, "ProductID", "SupplierID") VALUES ($1, $2, $3)
ON CONFLICT (marketplace_id, "ProductID", "SupplierID") DO NOTHING
"""


def owned_or_related(company: str = ":company") -> Sql:
    """That a supplier owns the product `t`, or is one of its suppliers."""
    return Sql(f"""t."OwnerID" = {company} OR t."DefaultSupplierID" = {company}
    OR EXISTS (SELECT 1 FROM product_suppliers ps
               WHERE ps.marketplace_id = :marketplace_id AND ps."ProductID" = t."ID" AND ps."SupplierID" = {company})""")


def sells(company: str = ":company") -> Sql:
    """SUP-4: that a supplier sells the product `t`."""
    return Sql(f"""{owned_or_related(company)}
    OR (t."AllSuppliersCanSell"
        AND EXISTS (SELECT 1 FROM product_assignments pa
                    WHERE pa.marketplace_id = :marketplace_id AND pa."ProductID" = t."ID" AND pa."SellerID" = {company}))""")


SOLD_OR_OFFERED = Sql(f't."AllSuppliersCanSell" OR {owned_or_related()}')
"""PRD-3: what a supplier reads by ID: what it owns, what it sells, what it may opt in to. Its rows of product assignments
need no mention: they are for products that all suppliers can sell (PAS-3)."""
SELLABLE = Sql(f"""
SELECT t."ID", t."OwnerID", {SOLD_OR_OFFERED} AS sellable
FROM products t WHERE t.marketplace_id = :marketplace_id AND t."ID" = :product
""").bound("marketplace_id", "product", "company")


async def relate(call: Call, product_id: str, supplier_id: str) -> None:
    """Make a supplier one that sells the product; a row that stands already keeps its price schedule (PRD-2)."""
    await call.db.execute(RELATE, call.marketplace_id, product_id, supplier_id)


async def require_sellable(call: Call, product_id: str) -> str:
    """The product's stored ID, for the seller, and for a supplier that sells it or may begin to (SUP-3, PAS-3).

    Product.CannotModify for other products of the seller; those of other suppliers do not exist (CONV-10).
    """
    row = await call.db.fetchrow(SELLABLE, call.marketplace_id, product_id, call.principal.supplier_id)
    return check_sellable(call, product_id, row)


def check_sellable(call: Call, product_id: str, row: Any) -> str:
    """The same of a row that has been read, with `ID`, `OwnerID` and `sellable` (SOLD_OR_OFFERED)."""
    supplier = call.principal.supplier_id
    if row is None:
        raise NotFoundError("Product", product_id)
    if supplier is not None and not row["sellable"]:
        if row["OwnerID"].lower() != call.principal.marketplace.lower():
            raise NotFoundError("Product", product_id)
        raise ModifyProductError
    stored: str = row["ID"]
    return stored

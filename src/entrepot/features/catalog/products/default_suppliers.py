"""What the end of a relationship means for a product whose default supplier it was (SUP-3)."""

from __future__ import annotations

from entrepot.engine.call import Call
from entrepot.engine.wire.json import dump, load

LOCK = """
SELECT t."ID", t."ParentID", t."DefaultSupplierID", t.own FROM products t
WHERE t.marketplace_id = $1 AND (t."ID" = $2 OR t."ParentID" = $2) ORDER BY t."ID" FOR NO KEY UPDATE
"""
CLEAR = """
UPDATE products t SET "DefaultSupplierID" = NULL, "AutoForward" = false
WHERE t.marketplace_id = $1 AND t."DefaultSupplierID" = $3
  AND (t."ID" = $2 OR (t."ParentID" = $2 AND t.own ->> 'DefaultSupplierID' = 'false'))
RETURNING t.number AS changed_product
"""
FROM_PARENT = """
UPDATE products t SET "DefaultSupplierID" = p."DefaultSupplierID", own = $3,
       "AutoForward" = t."AutoForward" AND p."DefaultSupplierID" IS NOT NULL
FROM products p
WHERE t.marketplace_id = $1 AND t."ID" = $2 AND p.marketplace_id = $1 AND p."ID" = t."ParentID"
RETURNING t.number AS changed_product
"""


async def clear_default_supplier(call: Call, product_id: str, supplier_id: str) -> None:
    """The product has no default supplier of its own any more if it was this one; a child then has its parent's, and
    a parent's children go without. Nothing is forwarded without one (PRD-2). Two statements.
    """
    rows = await call.db.fetch(LOCK, call.marketplace_id, product_id)
    row = next((row for row in rows if row["ID"].lower() == product_id.lower()), None)
    if row is None or (row["DefaultSupplierID"] or "").lower() != supplier_id.lower():
        return
    if row["own"] is None:
        await call.db.fetch(CLEAR, call.marketplace_id, product_id, supplier_id)
        return
    own = load(row["own"])
    if own["DefaultSupplierID"]:
        text = dump({**own, "DefaultSupplierID": False})
        await call.db.fetch(FROM_PARENT, call.marketplace_id, product_id, text)

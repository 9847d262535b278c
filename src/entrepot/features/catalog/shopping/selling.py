"""The SQL of whether the supplier `:seller` sells a product `t` to the shopper's buyer (SUP-4, BUY-6)."""

from __future__ import annotations

from entrepot.features.people.organizations.serving import SERVES

IS_OPEN = '{s}."Active" AND ' + SERVES.format(s="{s}", m=":marketplace_id", buyer="CAST(:buyer AS citext)")
"""BUY-6: whether the buyer may order from the supplier at all."""
SELLS_IT = """t."OwnerID" = {s}."ID" OR t."DefaultSupplierID" = {s}."ID" OR EXISTS (
    SELECT 1 FROM product_suppliers rp
    WHERE rp.marketplace_id = :marketplace_id AND rp."ProductID" = ANY(ARRAY[t."ID", t."ParentID"])
      AND rp."SupplierID" = {s}."ID")
 OR (t."AllSuppliersCanSell" AND EXISTS (
    SELECT 1 FROM product_assignments ra
    WHERE ra.marketplace_id = :marketplace_id AND ra."ProductID" = ANY(ARRAY[t."ID", t."ParentID"])
      AND ra."SellerID" = {s}."ID"))"""
"""SUP-4; a child is also sold by whoever sells its parent (inferred)."""
SELLS = f"""EXISTS (
    SELECT 1 FROM suppliers s
    WHERE s.marketplace_id = :marketplace_id AND s."ID" = CAST(:seller AS citext)
      AND {IS_OPEN.format(s="s")} AND ({SELLS_IT.format(s="s")}))"""

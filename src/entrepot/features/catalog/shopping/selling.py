"""The SQL of whether the supplier `:seller` sells a product `t` to the shopper's buyer (SUP-4, BUY-6)."""

from __future__ import annotations

from entrepot.features.people.organizations.serving import serves
from entrepot.kernel.sql import Sql


def is_open(supplier: str) -> Sql:
    """BUY-6: whether the buyer may order from the row of suppliers at all."""
    return Sql(f'{supplier}."Active" AND {serves(supplier, "CAST(:buyer AS citext)")}')


def sells_it(supplier: str) -> Sql:
    """SUP-4; a child is also sold by whoever sells its parent (inferred)."""
    return Sql(f"""t."OwnerID" = {supplier}."ID" OR t."DefaultSupplierID" = {supplier}."ID" OR EXISTS (
    SELECT 1 FROM product_suppliers rp
    WHERE rp.marketplace_id = :marketplace_id AND rp."ProductID" = ANY(ARRAY[t."ID", t."ParentID"])
      AND rp."SupplierID" = {supplier}."ID")
 OR (t."AllSuppliersCanSell" AND EXISTS (
    SELECT 1 FROM product_assignments ra
    WHERE ra.marketplace_id = :marketplace_id AND ra."ProductID" = ANY(ARRAY[t."ID", t."ParentID"])
      AND ra."SellerID" = {supplier}."ID"))""")


SELLS = Sql(f"""EXISTS (
    SELECT 1 FROM suppliers s
    WHERE s.marketplace_id = :marketplace_id AND s."ID" = CAST(:seller AS citext)
      AND {is_open("s")} AND ({sells_it("s")}))""")

"""The SQL of which suppliers serve which buyers (BUY-6): by what they may trade, and by what they have traded."""

from __future__ import annotations

from entrepot.kernel.sql import Sql


def serves(supplier: str, buyer: str) -> Sql:
    """Whether the buyer may order from the row `supplier` of suppliers. Whether that one is active is another question."""
    return Sql(f"""({supplier}."AllBuyersCanOrder" OR EXISTS (
    SELECT 1 FROM supplier_buyers rb
    WHERE rb.marketplace_id = :marketplace_id AND rb."SupplierID" = {supplier}."ID" AND rb."BuyerID" = {buyer}))""")


def traded(supplier: str, buyer: str) -> Sql:
    """Whether there are orders between them."""
    return Sql(f"""EXISTS (
    SELECT 1 FROM orders tr
    WHERE tr.marketplace_id = :marketplace_id AND tr."ToCompanyID" = {supplier} AND NOT tr.to_seller
      AND tr."FromCompanyID" = {buyer} AND NOT tr.from_seller)""")


SERVED_BUYERS = Sql(f"""EXISTS (
    SELECT 1 FROM suppliers sb WHERE sb.marketplace_id = :marketplace_id AND sb."ID" = :company
      AND {serves("sb", 't."ID"')})
    OR {traded(":company", 't."ID"')}""")
"""The buyers `t` that a supplier's users see, as Resource.visible has it: personal data of others is none of theirs."""
SERVING_SUPPLIERS = Sql(f"""{serves("t", ":company")}
    OR {traded('t."ID"', ":company")}""")
"""The suppliers `t` that a buyer's users see."""

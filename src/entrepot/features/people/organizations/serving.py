"""The SQL of which suppliers serve which buyers (BUY-6): by what they may trade, and by what they have traded."""

from __future__ import annotations

SERVES = """({s}."AllBuyersCanOrder" OR EXISTS (
    SELECT 1 FROM supplier_buyers rb
    WHERE rb.marketplace_id = {m} AND rb."SupplierID" = {s}."ID" AND rb."BuyerID" = {buyer}))"""
"""Over a row `{s}` of suppliers: whether the buyer may order from it. Whether the supplier is active is another question."""
TRADED = """EXISTS (
    SELECT 1 FROM orders tr
    WHERE tr.marketplace_id = {m} AND tr."ToCompanyID" = {supplier} AND NOT tr.to_seller
      AND tr."FromCompanyID" = {buyer} AND NOT tr.from_seller)"""
"""Whether there are orders between them."""
SERVED_BUYERS = f"""EXISTS (
    SELECT 1 FROM suppliers sb WHERE sb.marketplace_id = {{m}} AND sb."ID" = {{company}}
      AND {SERVES.format(s="sb", m="{m}", buyer='t."ID"')})
    OR {TRADED.format(m="{m}", supplier="{company}", buyer='t."ID"')}"""
"""The buyers `t` that a supplier's users see, as Resource.visible has it: personal data of others is none of theirs."""
SERVING_SUPPLIERS = f"""{SERVES.format(s="t", m="{m}", buyer="{company}")}
    OR {TRADED.format(m="{m}", supplier='t."ID"', buyer="{company}")}"""
"""The suppliers `t` that a buyer's users see."""

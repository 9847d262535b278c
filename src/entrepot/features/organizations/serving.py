"""The SQL of whether a buyer may order from a supplier (BUY-6)."""

from __future__ import annotations

SERVES = """({s}."AllBuyersCanOrder" OR EXISTS (
    SELECT 1 FROM supplier_buyers rb
    WHERE rb.marketplace_id = {m} AND rb."SupplierID" = {s}."ID" AND rb."BuyerID" = {buyer}))"""
"""Over a row `{s}` of suppliers. Whether the supplier is active is another question."""

"""The SQL of whom a promotion reaches (PROMO-9)."""

from __future__ import annotations

GIVEN_TO_BUYER = """
SELECT a."PromotionID" FROM promotion_assignments a
WHERE a.marketplace_id = {m} AND a."BuyerID" = {buyer} AND a.group_key IS NULL"""
GIVEN_TO_GROUPS = """
SELECT a."PromotionID" FROM user_group_members gm
JOIN promotion_assignments a ON a.marketplace_id = {m} AND a.group_key = gm.group_key
WHERE gm.marketplace_id = {m} AND gm.user_key = {user}"""
REACHES = f'(t."AllowAllBuyers" OR t."ID" IN ({GIVEN_TO_BUYER}\nUNION ALL {GIVEN_TO_GROUPS}))'
"""Whether a promotion `t` reaches a user by its key and its buyer's ID, anonymous shoppers through the user that they
shop as (PROMO-9); what `Active` says is another question."""

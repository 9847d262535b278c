"""The SQL of whom a promotion reaches (PROMO-9)."""

from __future__ import annotations

from entrepot.kernel.sql import Sql


def reaches(*, buyer: str, user: str) -> Sql:
    """Whether a promotion `t` reaches a user by its key and its buyer's ID, anonymous shoppers through the user that they
    shop as (PROMO-9); what `Active` says is another question.
    """
    return Sql(f"""(t."AllowAllBuyers" OR t."ID" IN (
SELECT a."PromotionID" FROM promotion_assignments a
WHERE a.marketplace_id = :marketplace_id AND a."BuyerID" = {buyer} AND a.group_key IS NULL
UNION ALL
SELECT a."PromotionID" FROM user_group_members gm
JOIN promotion_assignments a ON a.marketplace_id = :marketplace_id AND a.group_key = gm.group_key
WHERE gm.marketplace_id = :marketplace_id AND gm.user_key = {user}))""")

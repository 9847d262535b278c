"""What is no longer active or there leaves every unsubmitted order at once (PROMO-11)."""

from __future__ import annotations

from entrepot.domain.orders.status import DRAFT
from entrepot.engine.call import Call
from entrepot.engine.statements import texts
from entrepot.engine.syncing import NAMED_BY_CALLER

LOCK = f"""
SELECT o.key FROM orders o
WHERE o.marketplace_id = $1 AND o."Status" IN ({texts(DRAFT)}) AND o.key IN (
    SELECT r.order_key FROM order_promotions r
    WHERE r.marketplace_id = $1 AND r."PromotionID" = $2 AND r.terms IS NULL)
ORDER BY o.key FOR NO KEY UPDATE
"""
WITHDRAW = f"""
{NAMED_BY_CALLER} WITH gone AS (
    DELETE FROM order_promotions r
    WHERE r.marketplace_id = $1 AND r."PromotionID" = $2 AND r.order_key = ANY($3::bigint[])
    RETURNING r.order_key, r."LineItemID", r."Amount"),
lines AS (
    UPDATE line_items l
    SET "PromotionDiscount" = l."PromotionDiscount" - g."Amount", "LineTotal" = l."LineTotal" + g."Amount"
    FROM gone g WHERE l.marketplace_id = $1 AND l.order_key = g.order_key AND l."ID" = g."LineItemID")
UPDATE orders o
SET "PromotionDiscount" = o."PromotionDiscount" - g.amount, "Total" = o."Total" + g.amount, "LastUpdated" = $4,
    ship_estimate = NULL, calculation = NULL
FROM (SELECT order_key, sum("Amount") AS amount FROM gone GROUP BY order_key) g
WHERE o.marketplace_id = $1 AND o.key = g.order_key
"""
"""A promotion has at most one row for a line. What integrations have answered is old by that (CHK-7). Unsubmitted orders are not
synchronized.
"""


async def withdraw(call: Call, promotion_id: str) -> None:
    """Take a promotion, whose row the caller holds, off all unsubmitted orders. Two statements, however many these are."""
    held = await call.db.fetch(LOCK, call.marketplace_id, promotion_id)
    if held:
        keys = [row["key"] for row in held]
        await call.db.execute(WITHDRAW, call.marketplace_id, promotion_id, keys, call.clock())

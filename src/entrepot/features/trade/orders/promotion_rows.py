"""The rows of promotions that orders are loaded and saved with, and the uses that they count as (LIM-1, GEN-1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from entrepot.engine import statements
from entrepot.engine.batches import RowBatch
from entrepot.engine.call import Call
from entrepot.engine.rows import from_row
from entrepot.features.trade.orders.resources import ORDER_PROMOTION

Values = dict[str, Any]

COLUMNS = tuple(name for name in statements.stored_columns(ORDER_PROMOTION) if name != "order_key")
READ = f"""
SELECT {", ".join(f"t.{statements.quoted(name)}" for name in COLUMNS)} FROM order_promotions t
WHERE t.marketplace_id = $1 AND t.order_key = $2 ORDER BY t.position
"""
CLEAR = "DELETE FROM order_promotions WHERE marketplace_id = $1 AND order_key = $2"
LOCK_ORDER = 't."RedemptionLimit" IS NULL AND t."RedemptionLimitPerUser" IS NULL, t."ID"'
"""In which everybody locks promotions: those with limits first, since a submit holds them from its beginning."""
COUNT = f"""
WITH held AS (
    SELECT t."ID" FROM promotions t
    WHERE t.marketplace_id = $1 AND t."ID" = ANY($2::citext[]) ORDER BY {LOCK_ORDER} FOR NO KEY UPDATE)
UPDATE promotions t SET "RedemptionCount" = greatest(coalesce(t."RedemptionCount", 0) + v.change, 0)
FROM held JOIN unnest($2::citext[], $3::integer[]) AS v(id, change) ON v.id = held."ID"
WHERE t.marketplace_id = $1 AND t."ID" = held."ID"
"""
MARK_CODES = """
UPDATE promotion_codes t SET "Redeemed" = v.redeemed FROM unnest($2::citext[], $3::boolean[]) AS v(code, redeemed)
WHERE t.marketplace_id = $1 AND t."Code" = v.code
"""
_batch = RowBatch(ORDER_PROMOTION, ("PromotionID", "LineItemID"))


async def read_rows(call: Call, order_key: int) -> list[Values]:
    """The rows of an order in the order of their application. One statement."""
    return [
        from_row(ORDER_PROMOTION, row) for row in await call.db.fetch(READ, call.marketplace_id, order_key)
    ]


async def write_rows(
    call: Call, order_key: int, rows: Sequence[Values], kept: Sequence[Mapping[str, Any]]
) -> None:
    """Write the rows in place of those that the database has; no statement if they are the same, one if some come behind
    them, else two. One more where promotions begin or cease to be redeemed by the order, and one for their generated
    codes (LIM-1, GEN-1).
    """
    if list(rows) == list(kept):
        return
    same = list(rows[: len(kept)]) == list(kept)
    if not same:
        await call.enqueue(CLEAR, call.marketplace_id, order_key)
    await _batch.insert(call, (order_key,), rows[len(kept) :] if same else rows)
    before, after = _redeemed(kept), _redeemed(rows)
    changes = [
        *((each, -1) for each in before.keys() - after),
        *((each, 1) for each in after.keys() - before),
    ]
    if not changes:
        return
    changes.sort()
    ids, counts = [each for each, _ in changes], [change for _, change in changes]
    await call.enqueue(COUNT, call.marketplace_id, ids, counts)
    codes = [((before | after)[each], change > 0) for each, change in changes if (before | after)[each]]
    if codes:
        texts, marks = [code for code, _ in codes], [mark for _, mark in codes]
        await call.enqueue(MARK_CODES, call.marketplace_id, texts, marks)


def _redeemed(rows: Iterable[Mapping[str, Any]]) -> dict[str, str | None]:
    """The promotions that these rows redeem, with the generated code of each."""
    return {row["PromotionID"]: row["code"] for row in rows if row["redeemer_key"] is not None}

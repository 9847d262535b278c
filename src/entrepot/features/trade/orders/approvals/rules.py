"""The approval rules of an order's buyer (APR-2)."""

from __future__ import annotations

from collections.abc import Iterable

import asyncpg

from entrepot.domain.orders.approvals import Rule
from entrepot.engine.call import Call
from entrepot.features.trade.orders.companies import buyer_of
from entrepot.features.trade.orders.store import Loaded

# The lock keeps a rule from being deleted while an approval of it is about to be there (APR-6).
LOCK = " FOR KEY SHARE OF r"
RULES = """
SELECT r."ID", g."ID" AS approvers, g.key, r."RuleExpression",
       EXISTS (SELECT 1 FROM user_group_members m
               WHERE m.marketplace_id = $1 AND m.group_key = g.key AND m.user_key = $3) AS has_submitter,
       (SELECT max(a.round) FROM order_approvals a
        WHERE a.marketplace_id = $1 AND a.order_key = $4) AS last_round
FROM approval_rules r
JOIN user_groups g ON g.marketplace_id = $1 AND g.key = r.approving_group_key
WHERE r.marketplace_id = $1 AND r."BuyerID" = $2 ORDER BY r."ID"
"""
"""$2 is the order's buyer, $3 its user, whom we take for the submitter even if an administrator submits (inferred),
$4 the order."""


async def read_rules(call: Call, loaded: Loaded, *, lock: bool) -> tuple[tuple[Rule, ...], int]:
    """The rules of the order's buyer, and the number of the last round that the order has had. One statement.

    The marketplace owner's own orders have no rules.
    """
    order = loaded.order
    rows = await call.db.fetch(
        RULES + (LOCK if lock else ""),
        call.marketplace_id,
        buyer_of(order),
        order["user_key"],
        loaded.key,
    )
    return rules_of(rows), (rows[0]["last_round"] or 0) if rows else 0


def rules_of(rows: Iterable[asyncpg.Record]) -> tuple[Rule, ...]:
    """Rules as the decision takes them."""
    return tuple(
        Rule(row["ID"], row["approvers"], row["key"], row["RuleExpression"], row["has_submitter"])
        for row in rows
    )

"""The approval rules that a return is up to (APR-7, RET-6)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from entrepot.domain.expressions.environment import Environment
from entrepot.domain.expressions.uses import asks_for_categories
from entrepot.domain.orders.approvals import Rule
from entrepot.engine.call import Call
from entrepot.features.trade.orders.approvals.rules import rules_of
from entrepot.features.trade.orders.environment import environment_of
from entrepot.features.trade.returns.store import OpenReturn

# It keeps a rule from being deleted while an approval of it is about to be there.
LOCK = " FOR KEY SHARE OF r"
RULES = """
SELECT r."ID", g."ID" AS approvers, g.key, r."RuleExpression",
       EXISTS (SELECT 1 FROM user_group_members m
               WHERE m.marketplace_id = $1 AND m.group_key = g.key AND m.user_key = $4) AS has_submitter
FROM seller_approval_rules r
JOIN user_groups g ON g.marketplace_id = $1 AND g.key = r.approving_group_key
WHERE r.marketplace_id = $1 AND r."ApprovalType" = 'OrderReturn' AND r."OwnerID" IN ($2::citext, $3::citext)
ORDER BY r."ID"
"""
"""Of the marketplace owner ($2) and of whom the order is to ($3); $4 has submitted the return."""


async def read_rules(call: Call, opened: OpenReturn, *, lock: bool) -> tuple[Rule, ...]:
    """The rules that a return is up to. One statement."""
    owner, receiver = call.principal.marketplace, opened.loaded.order["ToCompanyID"]
    submitter = opened.row["submitter_key"]
    sql = RULES + (LOCK if lock else "")
    rows = await call.db.fetch(sql, call.marketplace_id, owner, receiver, submitter)
    return rules_of(rows)


async def environment_of_return(call: Call, opened: OpenReturn, rules: Iterable[Rule]) -> Environment:
    """What the rules are about: the order, its lines and the return. No statement, one for categories."""
    categories = any(asks_for_categories(rule.expression) for rule in rules)
    found = await environment_of(call, opened.loaded, categories=categories)
    return replace(found, order_return=opened.row)

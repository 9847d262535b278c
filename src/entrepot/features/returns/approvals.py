"""Approvals of returns between database and use cases: the rules, what they ask, who may answer (APR-7, RET-6)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from entrepot.domain.expressions.environment import Environment
from entrepot.domain.orders.approvals import ApprovalStatus, Demand, Given, Rule
from entrepot.engine import statements
from entrepot.engine.batches import Batch
from entrepot.engine.call import Call
from entrepot.engine.rows import from_row
from entrepot.features.orders.approvals import approver
from entrepot.features.orders.environment import asks_for_categories, environment_of
from entrepot.features.orders.people import Person
from entrepot.features.returns.resources import ORDER_RETURN_APPROVAL
from entrepot.features.returns.store import OpenReturn

Values = dict[str, Any]

# The lock keeps a rule from being deleted while an approval of it is about to be there.
RULES = """
SELECT r."ID", g."ID" AS approvers, g.key, r."RuleExpression",
       EXISTS (SELECT 1 FROM user_group_members m
               WHERE m.marketplace_id = $1 AND m.group_key = g.key AND m.user_key = $4) AS has_submitter
FROM seller_approval_rules r
JOIN user_groups g ON g.marketplace_id = $1 AND g.key = r.approving_group_key
WHERE r.marketplace_id = $1 AND r."ApprovalType" = 'OrderReturn' AND r."OwnerID" IN ($2::citext, $3::citext)
ORDER BY r."ID" FOR KEY SHARE OF r
"""
"""Of the marketplace owner ($2) and of whom the order is to ($3); $4 has submitted the return."""
COLUMNS = tuple(name for name in statements.stored_columns(ORDER_RETURN_APPROVAL) if name != "return_key")
APPROVALS = f"""
SELECT {", ".join(f"t.{statements.quoted(name)}" for name in COLUMNS)},
       EXISTS (SELECT 1 FROM user_group_members m
               WHERE m.marketplace_id = $1 AND m.group_key = t.group_key AND m.user_key = $3) AS mine
FROM order_return_approvals t
WHERE t.marketplace_id = $1 AND t.return_key = $2 ORDER BY t."DateCreated", t."ApprovalRuleID"
"""
approval_rows = Batch(ORDER_RETURN_APPROVAL, ("ApprovalRuleID",))


async def read_rules(call: Call, opened: OpenReturn) -> tuple[Rule, ...]:
    """The rules that a return is up to. One statement."""
    owner, receiver = call.principal.marketplace, opened.loaded.order["ToCompanyID"]
    submitter = opened.row["submitter_key"]
    rows = await call.db.fetch(RULES, call.marketplace_id, owner, receiver, submitter)
    return tuple(
        Rule(row["ID"], row["approvers"], row["key"], row["RuleExpression"], row["has_submitter"])
        for row in rows
    )


async def environment_of_return(call: Call, opened: OpenReturn, rules: Iterable[Rule]) -> Environment:
    """What the rules are about: the order, its lines and the return. No statement, one for categories."""
    categories = any(asks_for_categories(rule.expression) for rule in rules)
    found = await environment_of(call, opened.loaded, categories=categories)
    return replace(found, order_return=opened.row)


async def read_approvals(call: Call, opened: OpenReturn) -> tuple[list[Values], list[Values]]:
    """All approvals of the return, and among them what is pending and the caller's to answer. One statement.

    Whoever has submitted the return answers nothing (APR-3).
    """
    caller = call.principal.user_key
    rows, mine = [], []
    for record in await call.db.fetch(APPROVALS, call.marketplace_id, opened.key, caller):
        row = from_row(ORDER_RETURN_APPROVAL, record)
        if row.pop("mine") and row["Status"] == ApprovalStatus.PENDING:
            mine.append(row)
        rows.append(row)
    return rows, [] if caller == opened.row["submitter_key"] else mine


async def add_demands(
    call: Call, opened: OpenReturn, demands: Sequence[Demand], submitter: Person | None
) -> list[Values]:
    """Store new approvals; what is approved at once is approved by the submitter (APR-2). One statement or none."""
    now = call.clock()
    rows = []
    for demand in demands:
        given = submitter if demand.approved else None
        rows.append(
            {
                "ApprovalRuleID": demand.rule.id,
                "ApprovingGroupID": demand.rule.group,
                "Status": ApprovalStatus.APPROVED if demand.approved else ApprovalStatus.PENDING,
                "DateCreated": now,
                "DateCompleted": now if demand.approved else None,
                "Approver": None if given is None else approver(given.wire),
                "Comments": None,
                "group_key": demand.rule.group_key,
                "approver_key": None if given is None else given.key,
            }
        )
    await approval_rows.insert(call, (opened.key,), rows)
    return rows


async def answer(
    call: Call,
    opened: OpenReturn,
    rows: list[Values],
    own: Person,
    status: ApprovalStatus,
    comments: str | None,
) -> None:
    """Give the caller's answer to these approvals. One statement."""
    for row in rows:
        row["Status"], row["Comments"] = status, comments
        row["DateCompleted"] = call.clock()
        row["Approver"], row["approver_key"] = approver(own.wire), own.key
    await approval_rows.update(call, (opened.key,), rows)


def given(rows: Iterable[Values]) -> list[Given]:
    """Approvals as the decision takes them."""
    return [Given(row["ApprovalRuleID"], ApprovalStatus(row["Status"])) for row in rows]


def pending(rows: Iterable[Values]) -> list[Values]:
    """What nobody has answered yet."""
    return [row for row in rows if row["Status"] == ApprovalStatus.PENDING]

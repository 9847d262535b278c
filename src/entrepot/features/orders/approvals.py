"""Approvals of orders between database and use cases: rules, what they have asked, who may answer (APR-2 to APR-5)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from entrepot.domain.orders.approvals import UNANSWERED, ApprovalStatus, Demand, Given, Rule
from entrepot.engine import statements
from entrepot.engine.batches import Batch
from entrepot.engine.call import Call
from entrepot.engine.rows import from_row
from entrepot.features.identity.resources import User
from entrepot.features.orders.companies import buyer_of
from entrepot.features.orders.resources import ORDER_APPROVAL
from entrepot.features.orders.store import Loaded

Values = dict[str, Any]

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
COLUMNS = tuple(name for name in statements.stored_columns(ORDER_APPROVAL) if name != "order_key")
APPROVALS = f"""
SELECT {", ".join(f"t.{statements.quoted(name)}" for name in COLUMNS)},
       EXISTS (SELECT 1 FROM user_group_members m
               WHERE m.marketplace_id = $1 AND m.group_key = t.group_key AND m.user_key = $3) AS mine
FROM order_approvals t
WHERE t.marketplace_id = $1 AND t.order_key = $2 ORDER BY t.round, t."DateCreated", t."ApprovalRuleID"
"""
approval_rows = Batch(ORDER_APPROVAL, ("round", "ApprovalRuleID"))


@dataclass(slots=True)
class Round:
    """The approvals of one submit. `rows` are changed in place; `mine` are those that the caller's groups give."""

    number: int
    rows: list[Values] = field(default_factory=list)
    mine: set[str] = field(default_factory=set)

    @property
    def given(self) -> tuple[Given, ...]:
        """The approvals as the decision takes them."""
        return tuple(Given(row["ApprovalRuleID"], ApprovalStatus(row["Status"])) for row in self.rows)

    def to_be_given(self) -> list[Values]:
        """What is pending and the caller's to answer."""
        return [row for row in self.pending() if row["ApprovalRuleID"] in self.mine]

    def pending(self) -> list[Values]:
        """What nobody has answered yet."""
        return [row for row in self.rows if row["Status"] in UNANSWERED]


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
    rules = tuple(
        Rule(row["ID"], row["approvers"], row["key"], row["RuleExpression"], row["has_submitter"])
        for row in rows
    )
    return rules, (rows[0]["last_round"] or 0) if rows else 0


async def read_rounds(call: Call, order_key: int, user_key: int) -> list[Round]:
    """All approvals of an order by round, as the user sees them. One statement."""
    rounds: dict[int, Round] = {}
    for record in await call.db.fetch(APPROVALS, call.marketplace_id, order_key, user_key):
        row = from_row(ORDER_APPROVAL, record)
        its = rounds.setdefault(row["round"], Round(row["round"]))
        if row.pop("mine"):
            its.mine.add(row["ApprovalRuleID"])
        its.rows.append(row)
    return list(rounds.values())


async def add_demands(call: Call, loaded: Loaded, demands: Sequence[Demand], number: int) -> list[Values]:
    """Store new approvals in a round; what is approved at once is approved by the order's user (APR-2). One statement
    or none. Their rows.
    """
    order, now = loaded.order, call.clock()
    rows = [
        {
            "AllowResubmit": False,
            "ApprovalRuleID": demand.rule.id,
            "ApprovingGroupID": demand.rule.group,
            "Status": ApprovalStatus.APPROVED if demand.approved else ApprovalStatus.PENDING,
            "DateCreated": now,
            "DateCompleted": now if demand.approved else None,
            "Approver": approver(order["FromUser"]) if demand.approved else None,
            "Comments": None,
            "round": number,
            "group_key": demand.rule.group_key,
            "approver_key": order["user_key"] if demand.approved else None,
        }
        for demand in demands
    ]
    await approval_rows.insert(call, (loaded.key,), rows)
    return rows


async def save_answers(call: Call, loaded: Loaded, rows: Iterable[Values]) -> None:
    """Write approvals that have been given. One statement."""
    await approval_rows.update(call, (loaded.key,), rows)


def approver(user: Values) -> Values:
    """A copy of a user, as approvals keep it."""
    return {name: user.get(name, column.empty) for name, column in User.__columns__.items()}


def groups_of(rows: Iterable[Values]) -> list[int]:
    """The keys of the groups that these approvals are up to."""
    return sorted({row["group_key"] for row in rows if row["group_key"] is not None})

"""Approvals of orders and of returns between database and use cases: what is asked, who may answer (APR-2 to APR-7)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from entrepot.domain.orders.approvals import UNANSWERED, ApprovalStatus, Demand, Given
from entrepot.engine.call import Call
from entrepot.engine.rows import from_row
from entrepot.features.people.identity.resources import User
from entrepot.features.trade.orders.about import About, Approvals
from entrepot.features.trade.orders.people import Person

Values = dict[str, Any]


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
        return [row for row in pending(self.rows) if row["ApprovalRuleID"] in self.mine]


@dataclass(frozen=True, slots=True)
class Approver:
    """Who gives an approval, with the copy of the user that approvals keep."""

    key: int
    copy: Values

    @classmethod
    def of(cls, key: int, user: Values) -> Approver:
        """user: the wire form, which may be that of an order's copy."""
        return cls(key, {name: user.get(name, column.empty) for name, column in User.__columns__.items()})


async def read_rounds(call: Call, kind: Approvals, key: int, user_key: int) -> list[Round]:
    """All approvals of an order or a return, whose key is given, by round, as the user sees them. One statement."""
    rounds: dict[int, Round] = {}
    for record in await call.db.fetch(kind.select, call.marketplace_id, key, user_key):
        row = from_row(kind.entity, record)
        number = row["round"] if kind.in_rounds else 1
        its = rounds.setdefault(number, Round(number))
        if row.pop("mine"):
            its.mine.add(row["ApprovalRuleID"])
        its.rows.append(row)
    return list(rounds.values())


async def add_demands(
    call: Call, about: About, demands: Sequence[Demand], number: int, submitter: Approver | None
) -> list[Values]:
    """Store new approvals in a round; what is approved at once is approved by the submitter (APR-2). One statement or none.
    Their rows.
    """
    now = call.clock()
    rows = []
    for demand in demands:
        by = submitter if demand.approved else None
        rows.append(
            {
                "AllowResubmit": False,
                "ApprovalRuleID": demand.rule.id,
                "ApprovingGroupID": demand.rule.group,
                "Status": ApprovalStatus.APPROVED if demand.approved else ApprovalStatus.PENDING,
                "DateCreated": now,
                "DateCompleted": now if demand.approved else None,
                "Approver": by and by.copy,
                "Comments": None,
                "round": number,
                "group_key": demand.rule.group_key,
                "approver_key": by and by.key,
            }
        )
    await about.approvals.rows.insert(call, (about.key,), rows)
    return rows


async def give_answer(
    call: Call, kind: Approvals, key: int, rows: list[Values], own: Person, answer: Values
) -> None:
    """The caller's answer to these approvals of an order or a return: `Status`, `Comments`, and where orders are declined
    `AllowResubmit`. One statement.
    """
    by = Approver.of(own.key, own.wire)
    for row in rows:
        row |= answer | {"DateCompleted": call.clock(), "Approver": by.copy, "approver_key": by.key}
    await kind.rows.update(call, (key,), rows)


def pending(rows: Iterable[Values]) -> list[Values]:
    """What nobody has answered yet."""
    return [row for row in rows if row["Status"] in UNANSWERED]


def groups_of(rows: Iterable[Values]) -> list[int]:
    """The keys of the groups that these approvals are up to."""
    return sorted({row["group_key"] for row in rows if row["group_key"] is not None})

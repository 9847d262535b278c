"""Which approvals an order needs, and what a decision leaves open (APR-2 to APR-4)."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from entrepot.domain.expressions.budget import TooManyStepsError
from entrepot.domain.expressions.compile import read_expression
from entrepot.domain.expressions.environment import Environment
from entrepot.domain.expressions.evaluate import Evaluation
from entrepot.domain.expressions.uses import Use


@dataclass(frozen=True, slots=True)
class Rule:
    """An approval rule of a buyer. has_submitter: the order's user is in the group that approves."""

    id: str
    group: str
    group_key: int
    expression: str
    has_submitter: bool = False


class ApprovalStatus(enum.StrEnum):
    """What has become of one approval; the wire's names."""

    PENDING = "Pending"
    APPROVED = "Approved"
    DECLINED = "Declined"


UNANSWERED = frozenset({ApprovalStatus.PENDING})
"""What an approver can still give or refuse."""


@dataclass(frozen=True, slots=True)
class Given:
    """An approval that the order has in this round already."""

    rule_id: str
    answer: ApprovalStatus


@dataclass(frozen=True, slots=True)
class Demand:
    """An approval that a rule asks for. `approved`: at once, since the submitter could have given it (APR-2)."""

    rule: Rule
    approved: bool


def demands(
    rules: Iterable[Rule],
    environment: Environment,
    given: Iterable[Given] = (),
    use: Use = Use.APPROVAL_RULE,
) -> tuple[Demand, ...]:
    """The approvals to be added to those that are given.

    A rule that has an approval already is not asked again. What is approved at once can make rules true that wait for it
    (`order.approved`), so all are asked again until nothing more comes of it.
    """
    given = tuple(given)
    known = {each.rule_id.lower() for each in given}
    approved = {each.rule_id for each in given if each.answer is ApprovalStatus.APPROVED}
    waiting = list(rules)
    found: list[Demand] = []
    while True:
        waiting = [rule for rule in waiting if rule.id.lower() not in known]
        new = _asking(waiting, replace(environment, approved_rules=frozenset(approved)), use)
        found += new
        known |= {demand.rule.id.lower() for demand in new}
        at_once = {demand.rule.id for demand in new if demand.approved}
        if not at_once:
            return tuple(found)
        approved |= at_once


def _asking(rules: Sequence[Rule], environment: Environment, use: Use) -> list[Demand]:
    evaluation = Evaluation(environment)
    return [Demand(rule, rule.has_submitter) for rule in rules if _holds(rule, evaluation, use)]


def _holds(rule: Rule, evaluation: Evaluation, use: Use) -> bool:
    """A rule that takes too much work to compute holds: an order must not escape it by its size (inferred)."""
    try:
        return evaluation.truth(read_expression(rule.expression, use))
    except TooManyStepsError:
        return True

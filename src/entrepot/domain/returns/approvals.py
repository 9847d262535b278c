"""Which approvals a return needs, and where that leaves it (RET-5, RET-6, APR-7)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from entrepot.domain.expressions.environment import Environment
from entrepot.domain.expressions.uses import Use
from entrepot.domain.orders.approvals import ApprovalStatus, Demand, Given, Rule, demands
from entrepot.domain.returns.status import ReturnEvent


@dataclass(frozen=True, slots=True)
class Decision:
    """What a submit or an approval does: the event, and the approvals to be added."""

    event: ReturnEvent
    demands: tuple[Demand, ...] = ()


def decide_submit(rules: Iterable[Rule], environment: Environment) -> Decision:
    """Open, or waiting where a rule asks somebody else for its approval."""
    found = demands(rules, environment, use=Use.SELLER_APPROVAL_RULE)
    waits = any(not demand.approved for demand in found)
    return Decision(ReturnEvent.SUBMIT_FOR_APPROVAL if waits else ReturnEvent.SUBMIT, found)


def decide_approval(rules: Iterable[Rule], environment: Environment, given: Iterable[Given]) -> Decision:
    """After an answer: what is pending still, and what asks now that others are approved."""
    given = tuple(given)
    found = demands(rules, environment, given, use=Use.SELLER_APPROVAL_RULE)
    waits = any(each.answer is ApprovalStatus.PENDING for each in given) or any(
        not each.approved for each in found
    )
    return Decision(ReturnEvent.APPROVE if waits else ReturnEvent.APPROVE_FINALLY, found)

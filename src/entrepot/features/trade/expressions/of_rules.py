"""What an approval rule with the expression of a draft makes of an order or a return: decided by what a submit decides with (APR-2)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from entrepot.domain.expressions.budget import TooManyStepsError
from entrepot.domain.expressions.compile import read_expression
from entrepot.domain.expressions.environment import Environment
from entrepot.domain.expressions.tracing import Clause, Watched
from entrepot.domain.expressions.uses import Use
from entrepot.domain.expressions.values import is_true
from entrepot.domain.orders.approvals import ApprovalStatus, Given, Rule, demands
from entrepot.features.trade.explaining.judging import clause_of

Values = dict[str, Any]


def drafted(rules: Sequence[Rule], rule_id: str | None, expression: str) -> Rule:
    """The rule as it would be: that of the ID with another expression, or a new one, which nobody who submits could approve."""
    for rule in rules:
        if rule_id is not None and rule.id.lower() == rule_id.lower():
            return replace(rule, expression=expression)
    return Rule(rule_id or "", "", 0, expression)


def tried(draft: Rule, rules: Iterable[Rule], given: Iterable[Given], seen: Environment, use: Use) -> Values:
    """The TriedRule. rules: of the buyer or the receiver, besides which it would stand; given: the approvals that are there, of which
    its own is as if it were not.
    """
    others = [rule for rule in rules if rule.id.lower() != draft.id.lower()]
    known = [each for each in given if each.rule_id.lower() != draft.id.lower()]
    found = demands([*others, draft], seen, known, use)
    asked = next((each for each in found if each.rule is draft), None)
    answered = {each.rule_id for each in known if each.answer is ApprovalStatus.APPROVED}
    approved = sorted(answered | {each.rule.id for each in found if each.approved and each.rule is not draft})
    is_spent = seen.budget.is_spent
    holds, clauses = _traced(draft, answered, seen, use)
    if not holds:
        # What is approved at once is seen by those that are asked again.
        holds, clauses = _traced(draft, approved, seen, use)
    return {
        "Holds": asked is not None or holds,
        "RequiresApproval": asked is not None and not asked.approved,
        "ApprovedAtOnce": asked is not None and asked.approved,
        "ApprovedRules": approved,
        "TooManySteps": is_spent,
        "Clauses": [clause_of(each, None) for each in clauses],
    }


def _traced(
    draft: Rule, approved: Iterable[str], seen: Environment, use: Use
) -> tuple[bool, tuple[Clause, ...]]:
    """approved: the rules that `approved` sees."""
    try:
        watched = Watched(replace(seen, approved_rules=frozenset(approved)))
        tree = read_expression(draft.expression, use)
        clauses = watched.clauses(tree)
        return is_true(watched.value_of(tree)), clauses
    except TooManyStepsError:
        return True, ()

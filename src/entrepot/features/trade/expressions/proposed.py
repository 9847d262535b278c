"""A draft as the promotion or rule that it would become, checked by what checks these when they are saved (EXPR-1, EXPR-2)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from entrepot.domain.expressions.spans import span
from entrepot.engine.wire.models import validate
from entrepot.features.trade.approvals.hooks import check_rule
from entrepot.features.trade.approvals.resources import ApprovalRule
from entrepot.features.trade.expressions.kinds import ExpressionKind
from entrepot.features.trade.promotions.expressions import check_expressions, expression_faults, is_blank
from entrepot.features.trade.promotions.resources import Promotion
from entrepot.features.trade.promotions.settings import check_settings
from entrepot.kernel.errors import ApiError, ExpressionError, InvalidExpressionsError

Values = dict[str, Any]

EXPRESSIONS = ("EligibleExpression", "ValueExpression")
OF_PROMOTIONS = (
    *EXPRESSIONS,
    "UseIntegration",
    "QuantityLimitPerOrder",
    "ItemLimitPerOrder",
    "ItemSortBy",
)
NOBODYS = "draft"
"""What a promotion or rule needs that no expression can see: a code, a group that approves."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a draft would not be saved. property: null where several are wrong together. Characters from 0, null where it is not about
    the text of an expression.
    """

    property: str | None
    code: str
    message: str
    token: str | None = None
    position: int | None = None
    length: int | None = None


def proposed(draft: Values) -> Values:
    """The promotion or rule, with all its properties. Raises what saving it would, of what a draft holds."""
    kind = ExpressionKind(draft["Kind"])
    values = _validated(draft, kind)
    for check in _checks(kind):
        check(values)
    return values


def faults(draft: Values) -> list[Fault]:
    """All that stands against it, one fault of each expression at the most; none where `proposed` raises nothing."""
    kind = ExpressionKind(draft["Kind"])
    found: list[Fault] = []
    try:
        values = _validated(draft, kind)
    except ApiError as refusal:
        found += _faults_of(refusal, draft)
    else:
        for check in _checks(kind):
            try:
                check(values)
            except ApiError as refusal:
                found += _faults_of(refusal, draft)
    return found + _faults_of_others(draft, kind, {each.property for each in found})


def _faults_of_others(draft: Values, kind: ExpressionKind, wrong: set[str | None]) -> list[Fault]:
    """One expression that is blank or too long does not keep back what is wrong with the other."""
    if not kind.is_promotion or not wrong:
        return []
    these = {name: None if name in wrong or is_blank(draft[name]) else draft[name] for name in EXPRESSIONS}
    by_line = kind is ExpressionKind.LINE_PROMOTION
    return list(_of_expressions(expression_faults({**these, "LineItemLevel": by_line}), draft))


def _validated(draft: Values, kind: ExpressionKind) -> Values:
    """By the limits that the resource declares."""
    if kind.is_promotion:
        body = {name: draft[name] for name in OF_PROMOTIONS}
        by_line = kind is ExpressionKind.LINE_PROMOTION
        return validate(Promotion, {**body, "LineItemLevel": by_line, "Code": NOBODYS}, partial=False)
    body = {"RuleExpression": draft["RuleExpression"], "ApprovingGroupID": NOBODYS}
    return validate(ApprovalRule, body, partial=False)


def _checks(kind: ExpressionKind) -> tuple[Callable[[Values], None], ...]:
    if kind.is_promotion:
        return check_settings, check_expressions
    return (lambda values: check_rule(values, kind.use),)


def _faults_of(refusal: ApiError, draft: Values) -> Iterator[Fault]:
    if isinstance(refusal, InvalidExpressionsError):
        yield from _of_expressions(refusal.faults, draft)
        return
    for each in refusal.items():
        data = each.data if isinstance(each.data, dict) else {}
        yield Fault(data.get("Property"), each.code, each.message)


def _of_expressions(wrong: Mapping[str, ExpressionError], draft: Values) -> Iterator[Fault]:
    for name, fault in wrong.items():
        start, length = span(draft[name], fault)
        yield Fault(name, fault.code, fault.text, fault.token, start, length)

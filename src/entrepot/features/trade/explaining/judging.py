"""Judging promotions as the order's own operations do, and telling of each check (ADD-1, AUTO-3)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from entrepot.domain.expressions.budget import TooManyStepsError
from entrepot.domain.expressions.tracing import Clause, Seen, Watched
from entrepot.domain.expressions.values import Value
from entrepot.domain.promotions.amounts import NOTHING, eligible_lines, rows_of
from entrepot.domain.promotions.basket import Basket
from entrepot.domain.promotions.checks import Check, Checked, checks_to_add, checks_to_stay, combines
from entrepot.domain.promotions.sequence import in_sequence
from entrepot.domain.promotions.terms import Promotion, Reduction, Usage
from entrepot.features.people.explaining.models import StepOutcome
from entrepot.features.people.explaining.steps import link, passed, reason, row, step
from entrepot.features.trade.orders.promotion_terms import Terms
from entrepot.kernel.clock import format_datetime
from entrepot.kernel.errors import PromotionStatusError
from entrepot.kernel.money import plain_text

Values = dict[str, Any]

MOST_LINES = 20
"""Lines of which the clauses are told."""
LONGEST = 200
"""Characters of a value that are shown."""


def explained(
    terms: Terms,
    reached: frozenset[str],
    basket: Basket,
    rows: Sequence[Reduction],
    wanted: str | None,
    *,
    is_open: bool,
) -> list[Values]:
    """Each promotion of the terms, or the one that is wanted: those on the order first. is_open: whether the order takes any yet."""
    present = in_sequence(terms.present)
    these = [*enumerate(present, 1), *((None, each) for each in in_sequence(terms.candidates))]
    return [
        _one(each, place, terms, each.id in reached, basket, rows, is_open=is_open)
        for place, each in these
        if wanted is None or each.id.lower() == wanted.lower()
    ]


def _one(
    promotion: Promotion,
    place: int | None,
    terms: Terms,
    reaches: bool,
    basket: Basket,
    rows: Sequence[Reduction],
    *,
    is_open: bool,
) -> Values:
    usage = terms.usages.get(promotion.id, Usage())
    others = [each for each in rows if each.promotion_id != promotion.id]
    checks: Iterator[Checked]
    if place is None:
        checks = checks_to_add(promotion, basket, terms.present, rows, usage)
    else:
        checks = checks_to_stay(promotion, basket, others, usage)
    done = dict(checks)
    failed = next((error for error in done.values() if error is not None), None)
    clauses, parts = traced(promotion, basket, others)
    own = [each for each in rows if each.promotion_id == promotion.id]
    code = failed.code if failed is not None else None
    if not is_open:
        code = None if place is not None else PromotionStatusError.code
    elif place is None and not reaches:
        code = "NotFound"
    elif code is None and place is None and promotion.value is not None:
        own = list(rows_of(promotion, basket, rows))
    steps = [_reach_step(promotion, reaches, is_applied=place is not None)] if is_open else [_closed_step()]
    decided = any(each["Decides"] for each in steps)
    for check, error in done.items():
        decides = not decided and error is not None and error is failed
        steps.append(_check_step(check, promotion, terms, usage, basket, error is None, decides=decides))
        decided = decided or decides
    if not decided:
        steps.append(_end_step(promotion, place, own))
    values = terms.values[promotion.id]
    return {
        "ID": promotion.id,
        "Code": promotion.code or None,
        "Name": values.get("Name"),
        "LineItemLevel": promotion.line_item_level,
        "IsApplied": place is not None,
        "IsEligible": done[Check.ELIGIBLE] is None,
        "ErrorCode": code,
        "Position": place,
        "Amount": sum((each.amount for each in own), NOTHING),
        "Reason": reason(steps),
        "EligibleExpression": values["EligibleExpression"],
        "ValueExpression": values["ValueExpression"],
        "Eligible": clauses,
        "Value": parts,
        "Steps": steps,
    }


def traced(
    promotion: Promotion, basket: Basket, before: Sequence[Reduction]
) -> tuple[list[Values], list[Values]]:
    """The clauses of the condition, and what the value was made of: at line level of each line, and of the first that is eligible."""
    try:
        watched = Watched(environment := basket.environment(before))
        if not promotion.line_item_level:
            clauses = [clause_of(each, None) for each in watched.clauses(promotion.eligible)]
            parts = () if promotion.value is None else watched.parts(promotion.value)
            return clauses, [_value(each) for each in parts]
        clauses = [
            clause_of(each, line["ID"])
            for line in environment.items[:MOST_LINES]
            for each in watched.clauses(promotion.eligible, line)
        ]
        eligible = eligible_lines(promotion, basket, before)
        lines = [line for line in environment.items if line["ID"] in eligible]
        made = watched.parts(promotion.value, lines[0]) if lines and promotion.value is not None else ()
        return clauses, [_value(each) for each in made]
    except TooManyStepsError:
        return [], []


def clause_of(clause: Clause, line: str | None) -> Values:
    """A clause of a condition, at line level for a line's ID."""
    return {
        "LineItemID": line,
        "Clause": clause.text,
        "Position": clause.position,
        "Value": None if clause.holds is None else shown(clause.value),
        "Holds": clause.holds,
        "Fails": clause.fails,
        "Values": [_value(each) for each in clause.seen],
    }


def _value(seen: Seen) -> Values:
    return {"Part": seen.text, "Value": shown(seen.value)}


def shown(value: Value) -> str:
    """A value as JSON, cut where it is long."""
    if isinstance(value, Decimal):
        return plain_text(value)
    if isinstance(value, datetime):
        return json.dumps(format_datetime(value))
    text = json.dumps(value, default=str, ensure_ascii=False)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _closed_step() -> Values:
    message = "The order takes no promotions any more; those that it has are as it has kept them"
    return step("Status", StepOutcome.FAILED, message, decides=True)


def _reach_step(promotion: Promotion, reaches: bool, *, is_applied: bool) -> Values:
    """PROMO-9; what is on the order stays there."""
    message = "It reaches the user of the order" if reaches else "It does not reach the user of the order"
    rows = [
        row(
            "Promotion",
            promotion.id,
            "AllowAllBuyers, or an assignment to the buyer or a group of the user",
            link("Promotions.ListAssignments", "/v1/promotions/assignments", promotionID=promotion.id),
            decides=not reaches,
        )
    ]
    return step("Reach", passed(reaches), message, rows, decides=not reaches and not is_applied)


def _check_step(
    check: Check,
    promotion: Promotion,
    terms: Terms,
    usage: Usage,
    basket: Basket,
    holds: bool,
    *,
    decides: bool,
) -> Values:
    rows: Iterable[Values] = ()
    match check:
        case Check.IN_FORCE:
            start, end = promotion.start_date, promotion.expiration_date
            message = f"Active is {str(promotion.active).lower()}; from {_moment(start)} to {_moment(end)}, and it is {_moment(basket.now)}"
            rows = [_row(promotion, message, decides=not holds)]
        case Check.NEW:
            message = "It is not on the order yet" if holds else "It is on the order already"
        case Check.OWNER:
            message = f"It is owned by {promotion.owner_id}, and the order goes to {basket.order.get('ToCompanyID')}"
        case Check.COMBINES:
            others = [each for each in terms.present if each.id != promotion.id]
            says = {True: "CanCombine is true", False: "CanCombine is false"}
            rows = [
                _row(each, says[each.can_combine], decides=not holds and not combines(promotion, [each]))
                for each in (promotion, *others)
            ]
            message = (
                "It can be combined with what is on the order"
                if holds
                else "What cannot be combined is alone on its order"
            )
        case Check.LIMITS:
            message = (
                f"Redeemed by {usage.orders} other orders (limit {_limit(promotion.redemption_limit)}), "
                f"of this user {usage.of_user} (limit {_limit(promotion.redemption_limit_per_user)})"
            )
        case Check.ELIGIBLE:
            where = "for at least one line" if promotion.line_item_level else "for the order"
            message = f"EligibleExpression {'holds' if holds else 'does not hold'} {where}"
            rows = [_row(promotion, message, decides=not holds)]
    return step(check.value, passed(holds), message, list(rows), decides=decides)


def _end_step(promotion: Promotion, place: int | None, rows: Sequence[Reduction]) -> Values:
    amount = plain_text(sum((each.amount for each in rows), NOTHING))
    shown_rows = [
        row(
            "LineItem" if each.line_item_id else "Order",
            each.line_item_id or "",
            f"{plain_text(each.amount)} off",
        )
        for each in rows
    ]
    if promotion.value is None and place is None:
        message = "The promotion integration is asked what it takes off"
    elif place is None:
        message = f"It can be added, and would take off {amount}"
    else:
        message = f"It is number {place} of those on the order, and takes off {amount}"
    return step("Amount", StepOutcome.PASSED, message, shown_rows, decides=True)


def _row(promotion: Promotion, says: str, *, decides: bool) -> Values:
    where = link("Promotions.Get", "/v1/promotions/{promotionID}", promotionID=promotion.id)
    return row("Promotion", promotion.id, says, where, decides=decides)


def _moment(moment: datetime | None) -> str:
    return "any time" if moment is None else str(format_datetime(moment))


def _limit(limit: int | None) -> str:
    return "none" if limit is None else str(limit)

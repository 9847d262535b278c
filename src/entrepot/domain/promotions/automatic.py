"""Promotions that come and go by themselves: offered, applied, refreshed (AUTO-1 to AUTO-4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from entrepot.domain.promotions.amounts import (
    NOTHING,
    Proposal,
    capped,
    clamped,
    eligible_lines,
    proposals,
    rows_of,
)
from entrepot.domain.promotions.basket import Basket
from entrepot.domain.promotions.checks import combines, refusal_to_add, refusal_to_stay
from entrepot.domain.promotions.sequence import Granted, again, in_sequence
from entrepot.domain.promotions.terms import Promotion, Reduction, Usage
from entrepot.kernel.errors import ApiError, CannotCombineError, PromotionNotEligibleError

MOST_ADDED = 100
"""Promotions that one call adds (AUTO-2)."""

Usages = Mapping[str, Usage]
"""By promotion ID; what is missing has not been redeemed."""


@dataclass(frozen=True, slots=True)
class Removed:
    """A row that refreshing took away, with its old amount and why."""

    row: Reduction
    reason: ApiError


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What refreshing did: all rows that the order has now, and those that came and went."""

    rows: tuple[Reduction, ...]
    added: tuple[Reduction, ...]
    removed: tuple[Removed, ...]


def offered(
    candidates: Sequence[Promotion],
    basket: Basket,
    present: Sequence[Promotion],
    rows: Sequence[Reduction],
    usages: Usages,
    granted: Granted | None = None,
) -> dict[str, Decimal]:
    """What each candidate would give that could be added now, by ID: the sum over its lines (AUTO-1).

    A candidate without a value expression needs an answer in `granted`.
    """
    amounts = {}
    for promotion in candidates:
        answer = (granted or {}).get(promotion.id)
        if promotion.value is None and answer is None:
            continue
        if refusal_to_add(promotion, basket, present, rows, usages.get(promotion.id, Usage())) is None:
            new = rows_of(promotion, basket, rows, answer)
            amounts[promotion.id] = sum((row.amount for row in new), NOTHING)
    return amounts


def applied(
    candidates: Sequence[Promotion],
    basket: Basket,
    present: Sequence[Promotion],
    rows: Sequence[Reduction],
    usages: Usages,
    granted: Granted | None = None,
) -> tuple[Reduction, ...]:
    """All rows after the AutoApply candidates have been tried one by one (AUTO-2).

    Those among `present` are recalculated; nothing is removed; at most MOST_ADDED are added.
    """
    known = {promotion.id: promotion for promotion in (*candidates, *present)}
    here = {promotion.id: promotion for promotion in present}
    done, added = list(rows), 0
    for promotion in in_sequence(each for each in known.values() if each.auto_apply):
        answer = (granted or {}).get(promotion.id)
        if promotion.value is None and answer is None:
            continue
        if promotion.id in here:
            own = [row for row in done if row.promotion_id == promotion.id]
            others = [row for row in done if row.promotion_id != promotion.id or row.overridden]
            new = {row.line_item_id: row for row in again(promotion, basket, own, others, answer)}
            done = [
                new.get(row.line_item_id, row) if row.promotion_id == promotion.id else row for row in done
            ]
        elif added < MOST_ADDED:
            usage = usages.get(promotion.id, Usage())
            if refusal_to_add(promotion, basket, list(here.values()), done, usage) is None:
                done.extend(rows_of(promotion, basket, done, answer))
                here[promotion.id] = promotion
                added += 1
    return tuple(done)


def refreshed(
    candidates: Sequence[Promotion],
    basket: Basket,
    present: Sequence[Promotion],
    rows: Sequence[Reduction],
    usages: Usages,
    granted: Granted | None = None,
    rejected: Mapping[str, ApiError] | None = None,
) -> Refreshed:
    """Every promotion judged anew in the order of AMT-6, AutoApply candidates among them (AUTO-3).

    rejected: the integration's refusals by promotion.
    """
    here = {promotion.id: promotion for promotion in present}
    newcomers = {each.id: each for each in candidates if each.auto_apply and each.id not in here}
    accepted: list[Promotion] = []
    done = clamped(basket, [row for row in rows if row.overridden])
    reasons: dict[str, ApiError] = {}
    for promotion in in_sequence([*here.values(), *newcomers.values()]):
        others = tuple(row for row in done if row.promotion_id != promotion.id)
        answer = (granted or {}).get(promotion.id)
        usage = usages.get(promotion.id, Usage())
        reason = refusal_to_stay(promotion, basket, others, usage) or (rejected or {}).get(promotion.id)
        if reason is None and not combines(promotion, accepted):
            reason = CannotCombineError({"ID": promotion.id, "Code": promotion.code})
        if promotion.id in newcomers:
            full = sum(each.id in newcomers for each in accepted) == MOST_ADDED
            if reason is not None or full or (promotion.value is None and answer is None):
                continue
        if reason is not None:
            reasons[promotion.id] = reason
            done = others
            continue
        accepted.append(promotion)
        overridden = [row for row in done if row.promotion_id == promotion.id]
        done = (*others, *_fresh(promotion, basket, overridden, others, answer))
    return _compared(rows, done, reasons)


def _fresh(
    promotion: Promotion,
    basket: Basket,
    overridden: Sequence[Reduction],
    before: Sequence[Reduction],
    granted: Sequence[Proposal] | None,
) -> tuple[Reduction, ...]:
    """The rows of a promotion for what is eligible now; overridden ones stay as they are."""
    lines = eligible_lines(promotion, basket, before) if promotion.line_item_level else None
    kept = [row for row in overridden if lines is None or row.line_item_id in lines]
    fixed = {row.line_item_id for row in kept}
    if granted is None:
        granted = proposals(promotion, basket, before, lines)
    free = [(line, amount) for line, amount in granted if line not in fixed]
    return (*kept, *capped(promotion, basket, (*before, *kept), free))


def _compared(
    old: Sequence[Reduction], new: Sequence[Reduction], reasons: Mapping[str, ApiError]
) -> Refreshed:
    """What came and went (AUTO-4): a row is that of one promotion on one line, whatever its amount."""
    before = {(row.promotion_id, row.line_item_id) for row in old}
    now = {(row.promotion_id, row.line_item_id) for row in new}
    gone = [row for row in old if (row.promotion_id, row.line_item_id) not in now]
    return Refreshed(
        rows=tuple(new),
        added=tuple(row for row in new if (row.promotion_id, row.line_item_id) not in before),
        removed=tuple(
            Removed(row, reasons.get(row.promotion_id) or PromotionNotEligibleError({"ID": row.promotion_id}))
            for row in gone
        ),
    )

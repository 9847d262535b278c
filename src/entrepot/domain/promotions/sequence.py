"""Promotions one after the other (AMT-6): each sees the discounts of those before it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from entrepot.domain.promotions.amounts import NOTHING, Proposal, capped, clamped, proposals
from entrepot.domain.promotions.basket import Basket
from entrepot.domain.promotions.terms import Promotion, Reduction

LATEST = datetime.max.replace(tzinfo=UTC)
Granted = Mapping[str, Sequence[Proposal]]
"""What the promotion integration gives, by promotion ID."""


def in_sequence(promotions: Iterable[Promotion]) -> list[Promotion]:
    """By Priority, those without one last; then by the date of application, those not yet applied last; then by ID."""

    def key(promotion: Promotion) -> tuple[bool, int, datetime, str]:
        unranked = promotion.priority is None
        return unranked, promotion.priority or 0, promotion.date_applied or LATEST, promotion.id.lower()

    return sorted(promotions, key=key)


def recalculated(
    promotions: Iterable[Promotion], basket: Basket, rows: Sequence[Reduction], granted: Granted | None = None
) -> tuple[Reduction, ...]:
    """The amounts of all promotions on an order anew, without asking whether they are eligible (RCL-1).

    Each keeps its rows; overridden ones keep their amounts as well (OVR-2).
    """
    done = clamped(basket, [row for row in rows if row.overridden])
    for promotion in in_sequence(promotions):
        own = [row for row in rows if row.promotion_id == promotion.id]
        done += again(promotion, basket, own, done, (granted or {}).get(promotion.id))
    return done


def again(
    promotion: Promotion,
    basket: Basket,
    own: Sequence[Reduction],
    before: Sequence[Reduction],
    granted: Sequence[Proposal] | None = None,
) -> tuple[Reduction, ...]:
    """The rows of a promotion that are not overridden, with new amounts; `before` are all that take room from it.

    Limits count its overridden lines too, and lines that get nothing keep a row of 0.
    """
    lines = frozenset(row.line_item_id for row in own if row.line_item_id is not None)
    seen = [row for row in before if row.promotion_id != promotion.id]
    if granted is None:
        granted = proposals(promotion, basket, seen, lines if promotion.line_item_level else None)
    amounts = dict(granted)
    free = [row.line_item_id for row in own if not row.overridden]
    in_turn = [line for line in amounts if line in free]
    in_turn += [line for line in free if line not in amounts]
    return capped(promotion, basket, before, [(line, amounts.get(line, NOTHING)) for line in in_turn])

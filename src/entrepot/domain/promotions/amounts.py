"""The rows of one promotion (AMT-1 to AMT-4, LIM-2)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import ROUND_DOWN, Decimal

from entrepot.domain.expressions.budget import TooManyStepsError
from entrepot.domain.expressions.environment import Record
from entrepot.domain.expressions.evaluate import Evaluation
from entrepot.domain.promotions.basket import Basket, line_ceiling, money
from entrepot.domain.promotions.line_order import in_order
from entrepot.domain.promotions.terms import Promotion, Reduction
from entrepot.kernel.money import CENT, round_money

NOTHING = Decimal(0)
Proposal = tuple[str | None, Decimal]
"""A line, or null for the order, and an amount that is neither rounded nor capped."""


def eligible_lines(promotion: Promotion, basket: Basket, rows: Sequence[Reduction]) -> frozenset[str]:
    """The IDs of the lines for which a promotion at line level is eligible while `rows` are on the order."""
    try:
        evaluation = Evaluation(environment := basket.environment(rows))
        return frozenset(
            line["ID"] for line in environment.items if evaluation.truth(promotion.eligible, line)
        )
    except TooManyStepsError:
        return frozenset()


def is_eligible(promotion: Promotion, basket: Basket, rows: Sequence[Reduction]) -> bool:
    """ADD-1, check 10. What takes too many steps to find out is not eligible."""
    if promotion.line_item_level:
        return bool(eligible_lines(promotion, basket, rows))
    try:
        return Evaluation(basket.environment(rows)).truth(promotion.eligible)
    except TooManyStepsError:
        return False


def rows_of(
    promotion: Promotion,
    basket: Basket,
    before: Sequence[Reduction],
    granted: Sequence[Proposal] | None = None,
) -> tuple[Reduction, ...]:
    """The rows of a promotion that comes after `before`, for the lines that are eligible.

    granted: what the promotion integration answered, in place of the value expression (INT-6).
    """
    if granted is None:
        lines = eligible_lines(promotion, basket, before) if promotion.line_item_level else None
        granted = proposals(promotion, basket, before, lines)
    return capped(promotion, basket, before, granted)


def proposals(
    promotion: Promotion, basket: Basket, before: Sequence[Reduction], lines: frozenset[str] | None
) -> list[Proposal]:
    """What a promotion would take off these lines, within its limits (null: off the order), after `before`.

    Whether they are eligible is another question. What takes too many steps to find out is nothing.
    """
    try:
        evaluation = Evaluation(environment := basket.environment(before))
        if lines is None:
            return [(None, _value(promotion, evaluation))]
        selected = [line for line in environment.items if line["ID"] in lines]
        ordered = in_order(selected, promotion.item_sort_by)
        return list(_line_proposals(promotion, evaluation, ordered))
    except TooManyStepsError:
        return []


def capped(
    promotion: Promotion, basket: Basket, before: Sequence[Reduction], proposed: Iterable[Proposal]
) -> tuple[Reduction, ...]:
    """AMT-2 to AMT-4: rounded, never negative, and never beyond what a line and the order have left."""
    room = basket.ceiling - sum((row.amount for row in before), NOTHING)
    line_rooms = {line["ID"]: line_ceiling(line) for line in basket.lines}
    for row in before:
        if row.line_item_id in line_rooms:
            line_rooms[row.line_item_id] -= row.amount
    rows = []
    for line, wanted in proposed:
        space = room if line is None else min(room, line_rooms[line])
        amount = within(wanted, space)
        room -= amount
        if line is not None:
            line_rooms[line] -= amount
        rows.append(Reduction(promotion.id, line, amount))
    return tuple(rows)


def clamped(basket: Basket, rows: Sequence[Reduction]) -> tuple[Reduction, ...]:
    """RCL-2: the rows in the order of their application, the last ones cut to what lines and order still allow.

    Rows of lines that the order no longer has are gone.
    """
    line_rooms = {line["ID"]: line_ceiling(line) for line in basket.lines}
    room = basket.ceiling
    kept = []
    for row in rows:
        if row.line_item_id is not None and row.line_item_id not in line_rooms:
            continue
        space = room if row.line_item_id is None else min(room, line_rooms[row.line_item_id])
        amount = within(row.amount, space)
        room -= amount
        if row.line_item_id is not None:
            line_rooms[row.line_item_id] -= amount
        kept.append(replace(row, amount=amount))
    return tuple(kept)


def within(amount: Decimal, room: Decimal) -> Decimal:
    """The amount in cents, at least 0 and at most the room."""
    ceiling = max(room, NOTHING).quantize(CENT, rounding=ROUND_DOWN)
    if amount >= ceiling:
        return ceiling
    return min(round_money(max(amount, NOTHING)), ceiling)


def _line_proposals(
    promotion: Promotion, evaluation: Evaluation, lines: Sequence[Record]
) -> Iterable[Proposal]:
    if promotion.quantity_limit is None:
        for line in lines[: promotion.item_limit]:
            yield line["ID"], _value(promotion, evaluation, line)
        return
    left = Decimal(promotion.quantity_limit)
    for line in lines:
        units = min(money(line["Quantity"]), left)
        if units <= 0:
            return
        left -= units
        yield line["ID"], _value(promotion, evaluation, line) * units


def _value(promotion: Promotion, evaluation: Evaluation, line: Record | None = None) -> Decimal:
    return NOTHING if promotion.value is None else evaluation.number(promotion.value, line)

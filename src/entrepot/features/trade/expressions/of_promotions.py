"""What a promotion with the expressions of a draft makes of an order: computed by what adding a promotion is computed with (ADD-1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from entrepot.domain.expressions.budget import TooManyStepsError
from entrepot.domain.promotions.amounts import NOTHING, capped, eligible_lines, is_eligible, proposals
from entrepot.domain.promotions.basket import Basket
from entrepot.domain.promotions.terms import Promotion, Reduction
from entrepot.features.trade.explaining.judging import traced

Values = dict[str, Any]

MOST_LINES = 100
"""Lines that are told of."""


def tried(promotion: Promotion, basket: Basket, rows: Sequence[Reduction]) -> Values:
    """The TriedPromotion. rows: those that are on the order; its own, if it is there, are as if they were not."""
    before = [each for each in rows if each.promotion_id != promotion.id]
    try:
        found = _decided(promotion, basket, before)
    except TooManyStepsError:
        found = _nothing(basket)
    is_spent = basket.budget.is_spent
    clauses, parts = traced(promotion, basket, before)
    return {
        **found,
        "Before": sum((each.amount for each in before), NOTHING),
        "TooManySteps": is_spent,
        "Eligible": clauses,
        "Parts": parts,
    }


def _decided(promotion: Promotion, basket: Basket, before: Sequence[Reduction]) -> Values:
    """In the steps of adding it: whether it is eligible, then its amounts. What the integration values has none here."""
    holds = is_eligible(promotion, basket, before)
    lines = eligible_lines(promotion, basket, before) if promotion.line_item_level else None
    wanted = proposals(promotion, basket, before, lines) if holds and promotion.value is not None else []
    taken = capped(promotion, basket, before, wanted)
    told = _lines(basket, lines or frozenset(), dict(wanted), taken) if promotion.line_item_level else []
    return {
        "IsEligible": holds,
        "Value": sum((value for _, value in wanted), NOTHING) if wanted else None,
        "Amount": sum((each.amount for each in taken), NOTHING),
        "Lines": told,
        "MoreLines": len(basket.lines) - len(told) if promotion.line_item_level else 0,
    }


def _nothing(basket: Basket) -> Values:
    return {
        "IsEligible": False,
        "Value": None,
        "Amount": NOTHING,
        "Lines": [],
        "MoreLines": len(basket.lines),
    }


def _lines(
    basket: Basket,
    eligible: frozenset[str],
    wanted: Mapping[str | None, Decimal],
    taken: Sequence[Reduction],
) -> list[Values]:
    amounts = {each.line_item_id: each.amount for each in taken}
    return [
        {
            "LineItemID": line["ID"],
            "ProductID": line["ProductID"],
            "Quantity": line["Quantity"],
            "LineSubtotal": line["LineSubtotal"],
            "IsEligible": line["ID"] in eligible,
            "Value": wanted.get(line["ID"]),
            "Amount": amounts.get(line["ID"], NOTHING),
        }
        for line in basket.lines[:MOST_LINES]
    ]

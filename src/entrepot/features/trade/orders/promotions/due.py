"""Which promotions the integration is to be asked about: those of its own that the order is eligible for (INT-2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from entrepot.domain.promotions.basket import Basket
from entrepot.domain.promotions.checks import refusal_to_add, refusal_to_stay
from entrepot.domain.promotions.terms import Promotion, Reduction, Usage
from entrepot.features.trade.orders.promotion_terms import Terms
from entrepot.features.trade.orders.promotions.terms import of_integration
from entrepot.kernel.errors import ApiError, PromotionEvaluationError


def due_to_apply(terms: Terms, basket: Basket, rows: Sequence[Reduction]) -> list[Promotion]:
    """AutoApply promotions that are on the order, or that could be added to what it has."""
    automatic = [each for each in terms.promotions.values() if each.auto_apply]
    return [
        each
        for each in of_integration(automatic)
        if each.id in terms.present_ids
        or refusal_to_add(each, basket, terms.present, rows, _usage(terms, each)) is None
    ]


def due_to_refresh(
    terms: Terms, basket: Basket, rows: Sequence[Reduction]
) -> tuple[list[Promotion], Mapping[str, ApiError]]:
    """Those on the order and AutoApply candidates, if it is eligible with or without the discounts of others; and what
    the others are refused with.
    """
    due: list[Promotion] = []
    refused: dict[str, ApiError] = {}
    for each in of_integration(terms.promotions.values()):
        if each.id not in terms.present_ids and not each.auto_apply:
            continue
        others = [row for row in rows if row.promotion_id != each.id]
        refusals = [refusal_to_stay(each, basket, before, _usage(terms, each)) for before in (others, ())]
        if None in refusals:
            due.append(each)
        else:
            refused[each.id] = refusals[0] or PromotionEvaluationError({"ID": each.id})
    return due, refused


def due_to_offer(terms: Terms, basket: Basket, rows: Sequence[Reduction]) -> list[Promotion]:
    """What could be added now."""
    return [
        each
        for each in of_integration(terms.candidates)
        if refusal_to_add(each, basket, terms.present, rows, _usage(terms, each)) is None
    ]


def due_to_recalculate(terms: Terms, basket: Basket, rows: Sequence[Reduction]) -> list[Promotion]:
    """Those on the order, if it is eligible; `rows` are all that it has."""
    return [
        each
        for each in of_integration(terms.present)
        if refusal_to_stay(
            each, basket, [row for row in rows if row.promotion_id != each.id], _usage(terms, each)
        )
        is None
    ]


def _usage(terms: Terms, promotion: Promotion) -> Usage:
    return terms.usages.get(promotion.id, Usage())

"""Promotions on orders by their codes: add and remove (promotions spec section 3)."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from entrepot.declare.operation import Counted, Operation, Reply, Returns, Unit
from entrepot.domain.promotions import amounts
from entrepot.domain.promotions.checks import refusal_to_add
from entrepot.domain.promotions.terms import Promotion
from entrepot.engine.call import Call
from entrepot.features.trade.orders.changing import render
from entrepot.features.trade.orders.computing import computed
from entrepot.features.trade.orders.models.orders import Order
from entrepot.features.trade.orders.models.promotions import OrderPromotion
from entrepot.features.trade.orders.pricing.promotions import rows_of
from entrepot.features.trade.orders.promotion_terms import Terms
from entrepot.features.trade.orders.promotions.changing import (
    ITEM,
    REFUSALS,
    TRADERS,
    close_with_promotions,
    locked_terms,
    open_in_the_making,
    put_promotions,
)
from entrepot.features.trade.orders.promotions.integration import Answers, answers_for, settled
from entrepot.features.trade.orders.promotions.shown import shown_row
from entrepot.features.trade.orders.promotions.terms import (
    basket_of,
    generated_code,
    present_terms,
    terms_by_code,
)
from entrepot.features.trade.orders.reference import OrderRef, order_operation
from entrepot.kernel.errors import (
    ApiError,
    CannotCombineError,
    NotFoundError,
    PromotionAlreadyAddedError,
    PromotionEvaluationError,
    PromotionExpiredError,
    PromotionNotActiveError,
    PromotionNotEligibleError,
    PromotionNotYetValidError,
    PromotionOwnerError,
    PromotionUsedUpError,
)

Values = dict[str, Any]

CODE = f"{ITEM}/promotions/{{promoCode}}"


@order_operation(
    "Orders.AddPromotion",
    "POST",
    CODE,
    tag="Orders",
    summary="Apply a promotion",
    status=201,
    roles=TRADERS,
    returns=Returns(OrderPromotion),
    errors=(
        *REFUSALS,
        PromotionNotActiveError,
        PromotionNotYetValidError,
        PromotionExpiredError,
        PromotionAlreadyAddedError,
        PromotionOwnerError,
        CannotCombineError,
        PromotionUsedUpError,
        PromotionNotEligibleError,
        PromotionEvaluationError,
    ),
    unit=Unit.OWN,
    joins=True,
    confirms=True,
    counted=Counted.REFUSED,
    table="order_promotions",
)
async def add_promotion(call: Call, where: OrderRef) -> Reply:
    """The first failing check of ADD-1 refuses it. A promotion at line level answers with the row of the first line."""

    async def work(answers: Answers) -> Reply:
        loaded = await open_in_the_making(call, where)
        terms = await locked_terms(call, loaded, partial(terms_by_code, call, loaded, call.path["promoCode"]))
        promotion, code = await _named(call, terms, call.path["promoCode"])
        basket, rows = await basket_of(call, loaded, terms), rows_of(loaded)
        usage = terms.usages[promotion.id]
        refusal = await computed(
            call, basket.budget, lambda: refusal_to_add(promotion, basket, terms.present, rows, usage)
        )
        if refusal is not None:
            raise refusal
        due = [promotion] if promotion.value is None else []
        judged = answers_for(loaded, terms, due, answers, by=call.operation.id)
        if promotion.id in judged.rejected:
            raise _named_error(judged.rejected[promotion.id], promotion)
        granted = judged.granted.get(promotion.id)
        new = await computed(call, basket.budget, lambda: amounts.rows_of(promotion, basket, rows, granted))
        if not new:
            raise PromotionNotEligibleError({"ID": promotion.id, "Code": promotion.code})
        await put_promotions(call, loaded, terms, (*rows, *new), {promotion.id: code})
        for row in loaded.promotions:
            if row["PromotionID"] == promotion.id:
                return Reply(shown_row(row, terms.values[promotion.id]))
        raise PromotionNotActiveError({"ID": promotion.id, "Code": promotion.code})

    return await settled(call, work)


@order_operation(
    "Orders.RemovePromotion",
    "DELETE",
    CODE,
    tag="Orders",
    summary="Take a promotion off",
    roles=TRADERS,
    returns=Returns(Order),
    errors=REFUSALS,
    unit=Unit.WRITE,
    table="order_promotions",
)
async def remove_promotion(call: Call, where: OrderRef) -> Reply:
    """All its rows; the amounts of others stay (ADD-4)."""
    loaded = await open_in_the_making(call, where)
    terms = await present_terms(call, loaded)
    code = call.path["promoCode"].lower()
    left = []
    for row in loaded.promotions:
        values = terms.values.get(row["PromotionID"], {})
        if code != (row["code"] or values.get("Code") or "").lower():
            left.append(row)
    if len(left) == len(loaded.promotions):
        raise NotFoundError("Promotion", call.path["promoCode"])
    loaded.promotions = left
    await close_with_promotions(call, loaded, terms)
    return Reply(render(loaded.order))


async def _named(call: Call, terms: Terms, code: str) -> tuple[Promotion, str | None]:
    """The promotion of a code, and the code itself where the promotion has made it. A used one is used up (GEN-1)."""
    for promotion in terms.promotions.values():
        if promotion.code.lower() == code.lower() and promotion.code:
            return promotion, None
    made = await generated_code(call, code)
    if made is not None and made["PromotionID"] in terms.promotions:
        named = replace(terms.promotions[made["PromotionID"]], code=made["Code"])
        return (replace(named, redemption_limit=0) if made["Redeemed"] else named), made["Code"]
    raise NotFoundError("Promotion", code)


def _named_error(error: ApiError, promotion: Promotion) -> ApiError:
    return type(error)({"ID": promotion.id, "Code": promotion.code}, message=error.text)


OPERATIONS: tuple[Operation, ...] = (add_promotion, remove_promotion)

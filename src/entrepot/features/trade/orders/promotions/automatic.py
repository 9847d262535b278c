"""Promotions that come and go by themselves: apply and refresh (promotions spec section 6)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from entrepot.declare.operation import Operation, Reply, Returns, Unit
from entrepot.domain.promotions import automatic
from entrepot.domain.promotions.terms import Reduction
from entrepot.engine.call import Call
from entrepot.engine.rows import renderer
from entrepot.features.trade.orders.changing import render
from entrepot.features.trade.orders.computing import computed
from entrepot.features.trade.orders.models.orders import Order
from entrepot.features.trade.orders.models.promotions import AddedPromo, RefreshPromosResponse, RemovedPromo
from entrepot.features.trade.orders.pricing.promotions import rows_of
from entrepot.features.trade.orders.promotion_terms import Terms
from entrepot.features.trade.orders.promotions.changing import (
    ITEM,
    REFUSALS,
    TRADERS,
    locked_terms,
    open_in_the_making,
    put_promotions,
)
from entrepot.features.trade.orders.promotions.due import due_to_apply, due_to_refresh
from entrepot.features.trade.orders.promotions.integration import Answers, answers_for, settled
from entrepot.features.trade.orders.promotions.terms import automatic_terms, basket_of
from entrepot.features.trade.orders.promotions.uses import used_codes
from entrepot.features.trade.orders.reference import OrderRef, order_operation
from entrepot.kernel.errors import PromotionUsedUpError

Values = dict[str, Any]

_added = renderer(AddedPromo).render
_removed = renderer(RemovedPromo).render


@order_operation(
    "Orders.ApplyPromotions",
    "POST",
    f"{ITEM}/applypromotions",
    tag="Orders",
    summary="Apply all eligible promotions that apply by themselves",
    status=201,
    roles=TRADERS,
    returns=Returns(Order),
    errors=REFUSALS,
    unit=Unit.OWN,
    joins=True,
    confirms=True,
    table="order_promotions",
)
async def apply_promotions(call: Call, where: OrderRef) -> Reply:
    """One by one, each seeing the previous ones; what cannot be applied is passed over (AUTO-2)."""

    async def work(answers: Answers) -> Reply:
        loaded = await open_in_the_making(call, where)
        terms = await locked_terms(call, loaded, partial(automatic_terms, call, loaded))
        basket, rows = await basket_of(call, loaded, terms), rows_of(loaded)
        due = await computed(call, basket.budget, lambda: due_to_apply(terms, basket, rows))
        judged = answers_for(loaded, terms, due, answers, by=call.operation.id)
        done = await computed(
            call,
            basket.budget,
            lambda: automatic.applied(
                terms.candidates, basket, terms.present, rows, terms.usages, judged.granted
            ),
        )
        await put_promotions(call, loaded, terms, done)
        return Reply(render(loaded.order))

    return await settled(call, work)


@order_operation(
    "Orders.RefreshPromotions",
    "POST",
    f"{ITEM}/refreshpromotions",
    tag="Orders",
    summary="Remove what is eligible no more, then apply",
    roles=TRADERS,
    returns=Returns(RefreshPromosResponse),
    errors=REFUSALS,
    unit=Unit.OWN,
    joins=True,
    confirms=True,
    table="order_promotions",
)
async def refresh_promotions(call: Call, where: OrderRef) -> Reply:
    """Every promotion is judged and computed anew; says what came and went, and why (AUTO-3, AUTO-4)."""

    async def work(answers: Answers) -> Reply:
        loaded = await open_in_the_making(call, where)
        terms = await locked_terms(call, loaded, partial(automatic_terms, call, loaded))
        basket, rows = await basket_of(call, loaded, terms), rows_of(loaded)
        due, hopeless = await computed(call, basket.budget, lambda: due_to_refresh(terms, basket, rows))
        used = {key: PromotionUsedUpError({"ID": key}) for key in await used_codes(call, loaded, lock=False)}
        judged = answers_for(loaded, terms, due, answers, by=call.operation.id)
        reasons = {**hopeless, **judged.rejected, **used}
        done = await computed(
            call,
            basket.budget,
            lambda: automatic.refreshed(
                terms.candidates, basket, terms.present, rows, terms.usages, judged.granted, reasons
            ),
        )
        before = {(row["PromotionID"], row["LineItemID"]): row for row in loaded.promotions}
        await put_promotions(call, loaded, terms, done.rows)
        here = {(row["PromotionID"], row["LineItemID"]) for row in loaded.promotions}
        came = [row for row in done.added if (row.promotion_id, row.line_item_id) in here]
        gone = [
            _removed(
                {
                    **_shown(terms, before[each.row.promotion_id, each.row.line_item_id], each.row),
                    "ErrorCode": each.reason.code,
                    "Reason": each.reason.text,
                }
            )
            for each in done.removed
        ]
        return Reply(
            {
                "PromosAdded": [_added(_shown(terms, None, row)) for row in came],
                "PromosRemoved": gone,
            }
        )

    return await settled(call, work)


def _shown(terms: Terms, row: Mapping[str, Any] | None, computed_row: Reduction) -> Values:
    """The values of a promotion with what one row of it takes off."""
    values = {
        **terms.values.get(computed_row.promotion_id, {"ID": computed_row.promotion_id}),
        "LineItemID": computed_row.line_item_id,
        "Amount": computed_row.amount,
    }
    if row is not None and row["code"] is not None:
        values["Code"] = row["code"]
    return values


OPERATIONS: tuple[Operation, ...] = (apply_promotions, refresh_promotions)

"""Promotions on orders: add, remove, apply, refresh (promotions spec sections 3 and 6)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from entrepot.declare.operation import Operation, Reply, Returns, Unit, operation
from entrepot.declare.roles import sufficient
from entrepot.domain.orders.status import IN_THE_MAKING, Status
from entrepot.domain.promotions import automatic
from entrepot.domain.promotions.amounts import rows_of as computed
from entrepot.domain.promotions.checks import refusal_to_add
from entrepot.domain.promotions.terms import Promotion, Row
from entrepot.engine.call import Call
from entrepot.engine.rows import renderer
from entrepot.features.orders.access import ADMINS, is_admin, owns
from entrepot.features.orders.changing import (
    forget_estimates,
    is_unsubmitted,
    render,
    renew_user,
    write_order,
)
from entrepot.features.orders.models.orders import Order
from entrepot.features.orders.models.promotions import (
    AddedPromo,
    OrderPromotion,
    RefreshPromosResponse,
    RemovedPromo,
)
from entrepot.features.orders.pricing import add_up, price_order
from entrepot.features.orders.promotions_due import due_to_apply, due_to_refresh
from entrepot.features.orders.promotions_integration import Answers, answers_for, settled
from entrepot.features.orders.promotions_rows import put_rows, rows_of
from entrepot.features.orders.promotions_shown import shown_row
from entrepot.features.orders.promotions_terms import (
    Terms,
    automatic_terms,
    basket_of,
    generated_code,
    present_terms,
    terms_by_code,
)
from entrepot.features.orders.promotions_uses import freeze, lock_limited
from entrepot.features.orders.store import Loaded, load, require_order
from entrepot.kernel.errors import (
    ApiError,
    CannotCombineError,
    InsufficientRolesError,
    NotFoundError,
    PromotionAlreadyAddedError,
    PromotionEvaluationError,
    PromotionExpiredError,
    PromotionNotActiveError,
    PromotionNotEligibleError,
    PromotionNotYetValidError,
    PromotionOwnerError,
    PromotionStatusError,
    PromotionUsedUpError,
)

Values = dict[str, Any]

ITEM = "/orders/{direction}/{orderID}"
CODE = f"{ITEM}/promotions/{{promoCode}}"
TRADERS = sufficient("OrderAdmin", "Shopper")
REFUSALS = (NotFoundError, InsufficientRolesError, PromotionStatusError)
HOLD = """
SELECT t."ID" FROM promotions t
WHERE t.marketplace_id = $1 AND t."ID" = ANY($2::citext[]) AND t."Active" ORDER BY t."ID" FOR SHARE
"""
"""Until the unit ends nobody deactivates or deletes what is about to be on an order (PROMO-11)."""
_added = renderer(AddedPromo).render
_removed = renderer(RemovedPromo).render


@operation(
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
    confirms=True,
    table="order_promotions",
)
async def add_promotion(call: Call) -> Reply:
    """The first failing check of ADD-1 refuses it. A promotion at line level answers with the row of the first line."""

    async def work(answers: Answers) -> Reply:
        loaded = await open_in_the_making(call)
        terms = await _locked(call, loaded, partial(terms_by_code, call, loaded, call.path["promoCode"]))
        promotion, code = await _named(call, terms, call.path["promoCode"])
        basket, rows, usage = (
            await basket_of(call, loaded, terms),
            rows_of(loaded),
            terms.usages[promotion.id],
        )
        refusal = refusal_to_add(promotion, basket, terms.present, rows, usage)
        if refusal is not None:
            raise refusal
        due = [promotion] if promotion.value is None else []
        judged = answers_for(loaded, terms, due, answers, by=call.operation.id)
        if promotion.id in judged.rejected:
            raise _named_error(judged.rejected[promotion.id], promotion)
        new = computed(promotion, basket, rows, judged.granted.get(promotion.id))
        if not new:
            raise PromotionNotEligibleError({"ID": promotion.id, "Code": promotion.code})
        if not await _hold(call, [promotion.id]):
            raise PromotionNotActiveError({"ID": promotion.id, "Code": promotion.code})
        put_rows(loaded, (*rows, *new), call.clock(), {promotion.id: code})
        await close_with_promotions(call, loaded, terms)
        row = next(row for row in loaded.promotions if row["PromotionID"] == promotion.id)
        return Reply(shown_row(row, terms.values[promotion.id]))

    reply: Reply = await settled(call, work)
    return reply


@operation(
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
async def remove_promotion(call: Call) -> Reply:
    """All its rows; the amounts of others stay (ADD-4)."""
    loaded = await open_in_the_making(call)
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


@operation(
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
    confirms=True,
    table="order_promotions",
)
async def apply_promotions(call: Call) -> Reply:
    """One by one, each seeing the previous ones; what cannot be applied is passed over (AUTO-2)."""

    async def work(answers: Answers) -> Reply:
        loaded = await open_in_the_making(call)
        terms = await _locked(call, loaded, partial(automatic_terms, call, loaded))
        basket, rows = await basket_of(call, loaded, terms), rows_of(loaded)
        due = due_to_apply(terms, basket, rows)
        judged = answers_for(loaded, terms, due, answers, by=call.operation.id)
        done = automatic.applied(terms.candidates, basket, terms.present, rows, terms.usages, judged.granted)
        await _put(call, loaded, terms, done)
        return Reply(render(loaded.order))

    reply: Reply = await settled(call, work)
    return reply


@operation(
    "Orders.RefreshPromotions",
    "POST",
    f"{ITEM}/refreshpromotions",
    tag="Orders",
    summary="Remove what is eligible no more, then apply",
    roles=TRADERS,
    returns=Returns(RefreshPromosResponse),
    errors=REFUSALS,
    unit=Unit.OWN,
    confirms=True,
    table="order_promotions",
)
async def refresh_promotions(call: Call) -> Reply:
    """Every promotion is judged and computed anew; says what came and went, and why (AUTO-3, AUTO-4)."""

    async def work(answers: Answers) -> Reply:
        loaded = await open_in_the_making(call)
        terms = await _locked(call, loaded, partial(automatic_terms, call, loaded))
        basket, rows = await basket_of(call, loaded, terms), rows_of(loaded)
        due, hopeless = due_to_refresh(terms, basket, rows)
        judged = answers_for(loaded, terms, due, answers, by=call.operation.id)
        done = automatic.refreshed(
            terms.candidates,
            basket,
            terms.present,
            rows,
            terms.usages,
            judged.granted,
            {**hopeless, **judged.rejected},
        )
        before = {(row["PromotionID"], row["LineItemID"]): row for row in loaded.promotions}
        await _put(call, loaded, terms, done.rows)
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

    reply: Reply = await settled(call, work)
    return reply


async def open_in_the_making(call: Call) -> Loaded:
    """The order under its lock and up to date, if the caller may change its promotions (ADD-1, AUTO-5, ORD-4)."""
    order = await require_order(call, lock=True)
    caller = call.principal
    if not is_admin(caller) and not owns(caller, order):
        raise InsufficientRolesError(ADMINS, sorted(caller.roles))
    if Status(order["Status"]) not in IN_THE_MAKING:
        raise PromotionStatusError({"Status": order["Status"]})
    if not is_admin(caller) and not is_unsubmitted(order):
        raise InsufficientRolesError(ADMINS, sorted(caller.roles))
    loaded = await load(call, order)
    if is_unsubmitted(order):
        await renew_user(call, loaded)
        await price_order(call, loaded)
    return loaded


async def close_with_promotions(call: Call, loaded: Loaded, terms: Terms) -> None:
    """Add up and write an order whose promotions may have changed. Where it waits for approval, they are redeemed at
    once.
    """
    if not is_unsubmitted(loaded.order):
        freeze(loaded, terms)
    add_up(loaded)
    if loaded.promotions != loaded.kept_promotions:
        forget_estimates(loaded)
    await write_order(call, loaded)


async def _locked(call: Call, loaded: Loaded, read: Callable[[], Awaitable[Terms]]) -> Terms:
    """Terms whose limits hold: what is added to an order that waits for approval is redeemed at once (LIM-1)."""
    terms = await read()
    if not is_unsubmitted(loaded.order):
        await lock_limited(call, terms.promotions)
        terms = await read()
    return terms


async def _put(call: Call, loaded: Loaded, terms: Terms, rows: Iterable[Row]) -> None:
    """Give the order these rows, as far as their promotions are still in use, and write it."""
    rows = list(rows)
    new = sorted({row.promotion_id for row in rows} - terms.present_ids)
    held = await _hold(call, new) if new else set()
    lost = set(new) - held
    put_rows(loaded, [row for row in rows if row.promotion_id not in lost], call.clock())
    await close_with_promotions(call, loaded, terms)


async def _hold(call: Call, ids: list[str]) -> set[str]:
    return {row["ID"] for row in await call.db.fetch(HOLD, call.marketplace_id, ids)}


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


def _shown(terms: Terms, row: Mapping[str, Any] | None, computed_row: Row) -> Values:
    """The values of a promotion with what one row of it takes off."""
    values = {
        **terms.values.get(computed_row.promotion_id, {"ID": computed_row.promotion_id}),
        "LineItemID": computed_row.line_item_id,
        "Amount": computed_row.amount,
    }
    if row is not None and row["code"] is not None:
        values["Code"] = row["code"]
    return values


OPERATIONS: tuple[Operation, ...] = (add_promotion, remove_promotion, apply_promotions, refresh_promotions)

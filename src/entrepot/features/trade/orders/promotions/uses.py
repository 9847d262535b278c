"""Uses of promotions: judged and counted at submit, given back when the order does not stand (LIM-1, RCL-3, GEN-1).

`RedemptionCount` follows the rows: `store.save` counts a promotion up when the first row of an order has a redeemer, and down
when the last one has none any more.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from entrepot.domain.orders.status import OrderEvent, OrderStatus
from entrepot.domain.promotions.basket import Basket
from entrepot.domain.promotions.checks import Redeeming
from entrepot.engine.call import Call
from entrepot.features.trade.orders.pricing.prices import add_up
from entrepot.features.trade.orders.pricing.promotions import rows_of
from entrepot.features.trade.orders.promotion_terms import Terms
from entrepot.features.trade.orders.promotions.shown import copy_of
from entrepot.features.trade.orders.promotions.terms import present_terms
from entrepot.features.trade.orders.rows import OrderRow
from entrepot.features.trade.orders.store import Loaded, load, save

Values = dict[str, Any]

LOCK_LIMITED = """
SELECT 1 FROM promotions t
WHERE t.marketplace_id = $1 AND t."ID" = ANY($2::citext[])
  AND (t."RedemptionLimit" IS NOT NULL OR t."RedemptionLimitPerUser" IS NOT NULL)
ORDER BY t."ID" FOR NO KEY UPDATE
"""
"""Promotions without limits are locked only when they are counted, at the end of a submit: nobody waits for them long."""
USED_CODES = """
SELECT t."PromotionID", t."Redeemed" FROM promotion_codes t
WHERE t.marketplace_id = $1 AND t."Code" = ANY($2::citext[]) ORDER BY t."Code"
"""
LOCK = " FOR NO KEY UPDATE"


@dataclass(frozen=True, slots=True)
class Uses:
    """What is known of the promotions on an order: their terms, and those whose generated code another order has used."""

    terms: Terms
    used: frozenset[str]


async def read_uses(call: Call, loaded: Loaded, *, lock: bool) -> Uses | None:
    """None for an order without promotions; with `lock` they stay so until the unit ends. Three statements at most, none
    without promotions.
    """
    if not loaded.promotions:
        return None
    if lock:
        await lock_promotions(call, loaded)
    terms = await present_terms(call, loaded)
    return Uses(terms, frozenset(await used_codes(call, loaded, lock=lock)))


def redeeming(loaded: Loaded, uses: Uses, seen: Basket) -> Redeeming:
    """The promotions as a submit judges them (RCL-3)."""
    terms, ids = uses.terms, {row["PromotionID"] for row in loaded.promotions}
    return Redeeming(
        basket=seen,
        present=tuple(each for each in terms.present if each.id in ids),
        rows=rows_of(loaded),
        usages=terms.usages,
        used=uses.used,
        gone=tuple(sorted(ids - terms.values.keys())),
    )


async def lock_limited(call: Call, promotion_ids: Iterable[str]) -> None:
    """Hold those of the promotions whose uses are limited: of two submits the second sees what the first has counted. One
    statement, none for none.
    """
    ids = sorted(set(promotion_ids))
    if ids:
        await call.db.execute(LOCK_LIMITED, call.marketplace_id, ids)


async def lock_promotions(call: Call, loaded: Loaded) -> None:
    """The same for what an order has."""
    await lock_limited(call, (row["PromotionID"] for row in loaded.promotions))


def redeem(loaded: Loaded) -> None:
    """Freeze the promotions on an order that is being submitted (RCL-5), and have them counted for its user."""
    freeze(loaded, loaded.terms)


def freeze(loaded: Loaded, terms: Terms | None, *, uses: bool = True) -> None:
    """Copy the promotions into the rows that have no copy yet; `uses`: they count for the order's user."""
    known = {} if terms is None else terms.values
    redeemer = {"redeemer_key": loaded.order["user_key"]} if uses else {}
    loaded.promotions = [
        row | {"terms": row["terms"] or copy_of(row, known[row["PromotionID"]])} | redeemer
        if row["terms"] is not None or row["PromotionID"] in known
        else row
        for row in loaded.promotions
    ]


def release(loaded: Loaded) -> None:
    """The order uses nothing any more."""
    loaded.promotions = [row | {"redeemer_key": None} for row in loaded.promotions]


async def release_deleted(call: Call, order: OrderRow) -> None:
    """Before the deletion of an order: one that waits for approval gives its uses back, an open one does not (DEL-1)."""
    if order["Status"] == OrderStatus.AWAITING_APPROVAL and order["has_promotions"]:
        loaded = await load(call, order)
        release(loaded)
        await save(call, loaded)


async def give_back(call: Call, loaded: Loaded, event: OrderEvent) -> None:
    """What declined and canceled orders had redeemed; one to be submitted again follows its promotions again."""
    if not loaded.promotions or event not in (
        OrderEvent.DECLINE,
        OrderEvent.DECLINE_FOR_NOW,
        OrderEvent.CANCEL,
    ):
        return
    release(loaded)
    terms = await present_terms(call, loaded)
    if event is OrderEvent.DECLINE_FOR_NOW:
        active = {promotion.id for promotion in terms.present if promotion.active}
        loaded.promotions = [
            row | {"terms": None} for row in loaded.promotions if row["PromotionID"] in active
        ]
        add_up(loaded)
    else:
        freeze(loaded, terms, uses=False)
    await save(call, loaded)


async def used_codes(call: Call, loaded: Loaded, *, lock: bool) -> set[str]:
    """The promotions on the order whose generated code another order has used meanwhile. One statement, none for none."""
    free = [row for row in loaded.promotions if row["redeemer_key"] is None]
    codes = sorted({row["code"] for row in free if row["code"] is not None})
    if not codes:
        return set()
    rows = await call.db.fetch(USED_CODES + (LOCK if lock else ""), call.marketplace_id, codes)
    return {row["PromotionID"] for row in rows if row["Redeemed"]}

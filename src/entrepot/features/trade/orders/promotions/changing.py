"""What every change of an order's promotions opens with and ends with (ADD-1, AUTO-5, PROMO-11)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from entrepot.declare.roles import sufficient
from entrepot.domain.orders.status import IN_THE_MAKING, OrderStatus
from entrepot.domain.promotions.terms import Reduction
from entrepot.engine.call import Call
from entrepot.features.trade.orders.access import ADMINS, is_admin, require_own
from entrepot.features.trade.orders.changing import forget_estimates, is_unsubmitted, renew_user, write_order
from entrepot.features.trade.orders.pricing.prices import add_up, price_order
from entrepot.features.trade.orders.pricing.promotions import put_rows
from entrepot.features.trade.orders.promotion_rows import LOCK_ORDER
from entrepot.features.trade.orders.promotion_terms import Terms
from entrepot.features.trade.orders.promotions.uses import freeze, lock_limited
from entrepot.features.trade.orders.reference import OrderRef
from entrepot.features.trade.orders.rows import OrderRow
from entrepot.features.trade.orders.store import Loaded, load, require_order
from entrepot.kernel.errors import InsufficientRolesError, NotFoundError, PromotionStatusError

Values = dict[str, Any]

ITEM = "/orders/{direction}/{orderID}"
TRADERS = sufficient("OrderAdmin", "Shopper")
REFUSALS = (NotFoundError, InsufficientRolesError, PromotionStatusError)
HOLD = f"""
SELECT t."ID", t."Active" FROM promotions t
WHERE t.marketplace_id = $1 AND t."ID" = ANY($2::citext[]) ORDER BY {LOCK_ORDER} FOR SHARE
"""
"""Until the unit ends nobody deactivates or deletes what is about to be on an order (PROMO-11)."""
HOLD_TO_COUNT = HOLD.replace("FOR SHARE", "FOR NO KEY UPDATE")
"""Where they are counted in the same unit: of two that share a lock neither could make it a stronger one."""


async def open_in_the_making(call: Call, where: OrderRef) -> Loaded:
    """The order under its lock and up to date, if the caller may change its promotions (ADD-1, AUTO-5, ORD-4)."""
    order = await require_order(call, where, lock=True)
    require_own(call.principal, order)
    if OrderStatus(order["Status"]) not in IN_THE_MAKING:
        raise PromotionStatusError({"Status": order["Status"]})
    if not is_admin(call.principal) and not is_unsubmitted(order):
        raise InsufficientRolesError(ADMINS, sorted(call.principal.roles))
    return await load_present(call, order)


async def load_present(call: Call, order: OrderRow) -> Loaded:
    """An order with its lines, its user and its prices as they are now, as far as it still follows them (MON-9)."""
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


async def locked_terms(call: Call, loaded: Loaded, read: Callable[[], Awaitable[Terms]]) -> Terms:
    """Terms whose limits hold: what is added to an order that waits for approval is redeemed at once (LIM-1)."""
    terms = await read()
    if not is_unsubmitted(loaded.order):
        await lock_limited(call, terms.promotions)
        terms = await read()
    return terms


async def put_promotions(
    call: Call,
    loaded: Loaded,
    terms: Terms,
    rows: Iterable[Reduction],
    codes: Mapping[str, str | None] | None = None,
) -> None:
    """Give the order these rows, as far as their promotions are still in use, and write it. `codes`: the generated codes
    of new ones.
    """
    rows = list(rows)
    new = sorted({row.promotion_id for row in rows} - terms.present_ids)
    lost = set(new) - await _held(call, loaded, new)
    put_rows(loaded, [row for row in rows if row.promotion_id not in lost], call.clock(), codes)
    await close_with_promotions(call, loaded, terms)


async def _held(call: Call, loaded: Loaded, new: list[str]) -> set[str]:
    """Those of the new promotions that are active, and stay so until the unit ends. One statement, none for none."""
    if not new:
        return set()
    counted = not is_unsubmitted(loaded.order)
    present = {row["PromotionID"] for row in loaded.promotions} if counted else set()
    rows = await call.db.fetch(
        HOLD_TO_COUNT if counted else HOLD, call.marketplace_id, sorted(present.union(new))
    )
    return {row["ID"] for row in rows if row["Active"]}

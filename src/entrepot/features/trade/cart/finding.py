"""Which order is the caller's cart, and what becomes of calls without one (CART-1 to CART-3)."""

from __future__ import annotations

from entrepot.domain.orders.status import DRAFT
from entrepot.engine.call import Call
from entrepot.engine.statements import texts
from entrepot.engine.wire.models import validate
from entrepot.features.trade.orders.companies import sent_by
from entrepot.features.trade.orders.creating import create_order
from entrepot.features.trade.orders.models.enums import OrderDirection
from entrepot.features.trade.orders.models.orders import Order
from entrepot.kernel.sql import Sql
from entrepot.kernel.user_types import UserType

FIND = Sql(f"""
SELECT t."ID" FROM orders t
WHERE t.marketplace_id = :marketplace_id AND t.user_key = :user_key AND t."Status" IN ({texts(DRAFT)}) AND t.guest = :guest
  AND {sent_by(UserType.BUYER, ":company")} AND (:guest_order::citext IS NULL OR t."ID" = :guest_order)
ORDER BY t.designated DESC, t."DateCreated" DESC, t."ID" LIMIT 1
""").bound("marketplace_id", "user_key", "guest", "company", "guest_order")
"""The designated order, else the newest; an anonymous shopper has the one that its token names."""
DESIGNATE = Sql(f"""
UPDATE orders t SET designated = (t."ID" = :order)
WHERE t.marketplace_id = :marketplace_id AND t.user_key = :user_key AND t."Status" IN ({texts(DRAFT)}) AND NOT t.guest
  AND {sent_by(UserType.BUYER, ":company")} AND t.designated <> (t."ID" = :order)
""").bound("marketplace_id", "user_key", "company", "order")
ONE_AT_A_TIME = "SELECT 1 FROM users u WHERE u.marketplace_id = $1 AND u.key = $2 FOR NO KEY UPDATE"


async def find_cart(call: Call) -> str | None:
    """The ID of the cart; None where there is none. One statement."""
    caller = call.principal
    found: str | None = await call.db.fetchval(
        FIND, call.marketplace_id, caller.user_key, caller.is_guest, caller.company_id, caller.guest_order_id
    )
    return found


async def found_or_made(call: Call) -> str:
    """The ID of the cart, made now if there is none. Two first lines at the same time make one cart."""
    found = await find_cart(call)
    if found is None:
        await call.db.execute(ONE_AT_A_TIME, call.marketplace_id, call.principal.user_key)
        found = await find_cart(call)
    if found is None:
        empty = validate(Order, {}, partial=False)
        made = await create_order(call, OrderDirection.OUTGOING, empty)
        found = str(made["ID"])
    return found


async def designate(call: Call, order_id: str) -> bool:
    """Make an unsubmitted order of the caller its cart (CART-3); False for one that is none."""
    caller = call.principal
    if caller.is_guest:
        return order_id.lower() == (await find_cart(call) or "").lower()
    arguments = (call.marketplace_id, caller.user_key, False, caller.company_id, order_id)
    found = await call.db.fetchval(FIND, *arguments)
    if found is None:
        return False
    await call.db.execute(DESIGNATE, call.marketplace_id, caller.user_key, caller.company_id, found)
    return True

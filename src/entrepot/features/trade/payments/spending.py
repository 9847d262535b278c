"""Spending accounts charged for a single payment (SPA-3, PAY-6)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from entrepot.engine.call import Call
from entrepot.engine.wire.json import dump
from entrepot.features.trade.orders.rows import OrderRow
from entrepot.kernel.errors import ExceedsBalanceError

Values = dict[str, Any]

CHARGE = """
WITH paid AS (
    UPDATE payments p SET debited = $4
    WHERE p.marketplace_id = $1 AND p.order_key = $2 AND p."ID" = $3)
UPDATE spending_accounts t SET "Balance" = t."Balance" - $5::numeric
WHERE t.marketplace_id = $1 AND t.key = $6 AND ($7 OR t."Balance" >= $5::numeric)
RETURNING t.key
"""


async def charge(call: Call, order: OrderRow, payment: Values, amount: Decimal, *, exceeds: bool) -> None:
    """Charge the payment's account with this amount in all, instead of what it was charged with before; a negative one
    credits it. One statement. Raises Payment.ExceedsBalance for more than the account has, unless it `exceeds`.
    """
    more = amount - Decimal(payment.get("debited") or 0)
    key = (call.marketplace_id, order["key"], payment["ID"])
    free = exceeds or more <= 0
    charged = await call.db.fetchval(CHARGE, *key, dump(amount), more, payment["account_key"], free)
    if charged is None:
        raise ExceedsBalanceError({"SpendingAccountID": payment["SpendingAccountID"]})

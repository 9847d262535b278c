"""Spending accounts charged and credited (SPA-3, PAY-6)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from entrepot.engine.call import Call
from entrepot.engine.wire.json import dump
from entrepot.kernel.errors import ExceedsBalanceError

Values = dict[str, Any]

CREDIT = """
UPDATE spending_accounts t SET "Balance" = t."Balance" + v.amount
FROM json_to_recordset($2::json) AS v(key bigint, amount numeric)
WHERE t.marketplace_id = $1 AND t.key = v.key
"""
CHARGE = """
WITH paid AS (
    UPDATE payments p SET debited = $4
    WHERE p.marketplace_id = $1 AND p.order_key = $2 AND p."ID" = $3)
UPDATE spending_accounts t SET "Balance" = t."Balance" - $5::numeric
WHERE t.marketplace_id = $1 AND t.key = $6 AND ($7 OR t."Balance" >= $5::numeric)
RETURNING t.key
"""


async def charge(call: Call, order: Values, payment: Values, amount: Decimal, *, exceeds: bool) -> None:
    """Charge the payment's account with this amount in all, instead of what it was charged with before; a negative one
    credits it. One statement. Raises Payment.ExceedsBalance for more than the account has, unless it `exceeds`.
    """
    more = amount - Decimal(payment.get("debited") or 0)
    key = (call.marketplace_id, order["key"], payment["ID"])
    free = exceeds or more <= 0
    charged = await call.db.fetchval(CHARGE, *key, dump(amount), more, payment["account_key"], free)
    if charged is None:
        raise ExceedsBalanceError({"SpendingAccountID": payment["SpendingAccountID"]})


async def credit_back(call: Call, payments: Iterable[Values]) -> None:
    """Give accounts back what these payments have charged them with. One statement, none where there is nothing."""
    sums: dict[int, Decimal] = defaultdict(Decimal)
    for payment in payments:
        if payment["debited"] is not None:
            sums[payment["account_key"]] += Decimal(payment["debited"])
    if sums:
        rows = [{"key": key, "amount": amount} for key, amount in sums.items()]
        await call.db.execute(CREDIT, call.marketplace_id, dump(rows))

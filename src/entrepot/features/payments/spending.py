"""Spending accounts charged and credited (SPA-3, PAY-6)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from entrepot.engine.call import Call
from entrepot.engine.wire.json import dump

Values = dict[str, Any]

CREDIT = """
UPDATE spending_accounts t SET "Balance" = t."Balance" + v.amount
FROM json_to_recordset($2::json) AS v(key bigint, amount numeric)
WHERE t.marketplace_id = $1 AND t.key = v.key
"""


async def credit_back(call: Call, payments: Iterable[Values]) -> None:
    """Give accounts back what these payments have charged them with. One statement, none where there is nothing."""
    sums: dict[int, Decimal] = defaultdict(Decimal)
    for payment in payments:
        if payment["debited"] is not None:
            sums[payment["account_key"]] += Decimal(payment["debited"])
    if sums:
        rows = [{"key": key, "amount": amount} for key, amount in sums.items()]
        await call.db.execute(CREDIT, call.marketplace_id, dump(rows))

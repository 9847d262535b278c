"""Payments of an order as its submit sees them: accepted or not, and what spending accounts are charged with (PAY-6)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from entrepot.domain.orders.submitting import Account, Debit, Paid
from entrepot.engine.call import Call
from entrepot.engine.wire.json import dump, load
from entrepot.features.people.company_assets.reach import rows_of_thing
from entrepot.features.people.company_assets.resources import SPENDING_ACCOUNT_ASSIGNMENTS
from entrepot.features.trade.orders.companies import buyer_of
from entrepot.features.trade.orders.store import Loaded
from entrepot.kernel.sql import Sql

REACHING = rows_of_thing(SPENDING_ACCOUNT_ASSIGNMENTS)


def _payments(lock: str) -> str:
    return Sql(f"""
WITH charged AS (
    SELECT t.key, t."ID", t."Balance", (SELECT bool_or(a."AllowExceed") {REACHING}) AS exceeds
    FROM spending_accounts t
    WHERE t.marketplace_id = :marketplace_id AND t.key IN (
        SELECT c.account_key FROM payments c
        WHERE c.marketplace_id = :marketplace_id AND c.order_key = :order AND c."OrderReturnID" IS NULL)
    ORDER BY t.key {lock})
SELECT p."ID", p."Amount", p."Accepted", s.key, s."ID" AS account, s."Balance", s.exceeds
FROM payments p LEFT JOIN charged s ON s.key = p.account_key
WHERE p.marketplace_id = :marketplace_id AND p.order_key = :order AND p."OrderReturnID" IS NULL
ORDER BY p."DateCreated", p."ID"
""").bound("marketplace_id", "order", "caller", "buyer")


PAYMENTS, PAYMENTS_LOCKED = _payments(""), _payments("FOR NO KEY UPDATE")
DEBIT = """
WITH charged AS (
    UPDATE payments p SET debited = v.amount
    FROM json_to_recordset($4::json) AS v(id citext, amount json)
    WHERE p.marketplace_id = $1 AND p.order_key = $2 AND p."ID" = v.id)
UPDATE spending_accounts t SET "Balance" = t."Balance" - v.amount
FROM json_to_recordset($3::json) AS v(key bigint, amount numeric)
WHERE t.marketplace_id = $1 AND t.key = v.key
"""
DEBITED = """
SELECT p."ID", p.account_key, p.debited FROM payments p
WHERE p.marketplace_id = $1 AND p.order_key = $2 AND p.debited IS NOT NULL AND p.account_key IS NOT NULL
"""
LOCK_ACCOUNTS = """
SELECT t.key FROM spending_accounts t
WHERE t.marketplace_id = $1 AND t.key = ANY($2::bigint[]) ORDER BY t.key FOR NO KEY UPDATE
"""


async def read_payments(call: Call, loaded: Loaded, *, lock: bool) -> tuple[Paid, ...]:
    """The payments with their spending accounts, which `lock` holds, in the order of their keys, until the unit ends:
    so no two submits spend the same money. One statement.
    """
    order = loaded.order
    rows = await call.db.fetch(
        PAYMENTS_LOCKED if lock else PAYMENTS,
        call.marketplace_id,
        loaded.key,
        order["user_key"],
        buyer_of(order),
    )
    return tuple(
        Paid(
            row["ID"],
            row["Amount"],
            bool(row["Accepted"]),
            None
            if row["key"] is None
            else Account(row["key"], row["account"], row["Balance"], bool(row["exceeds"])),
        )
        for row in rows
    )


async def debit(call: Call, loaded: Loaded, debits: Sequence[Debit]) -> None:
    """Charge the accounts, which are locked, and note on the payments what each has charged. One statement or none."""
    if debits:
        await _move(call, loaded.key, debits, {each.payment_id: each.amount for each in debits})


async def credit(call: Call, loaded: Loaded) -> None:
    """Give back what the payments of an order have charged (ST-14). One statement, three where there is something."""
    rows = await call.db.fetch(DEBITED, call.marketplace_id, loaded.key)
    if rows:
        debits = [Debit(row["ID"], row["account_key"], Decimal(load(row["debited"]))) for row in rows]
        keys = sorted({each.account_key for each in debits})
        await call.db.fetch(LOCK_ACCOUNTS, call.marketplace_id, keys)
        await give_back(call, loaded.key, debits)


async def give_back(call: Call, order_key: int, debits: Iterable[Debit]) -> None:
    """Credit accounts with what these payments of an order have charged, which they then have no more. One statement."""
    returned = [replace(each, amount=-each.amount) for each in debits]
    await _move(call, order_key, returned, dict.fromkeys(each.payment_id for each in returned))


async def _move(
    call: Call, order_key: int, debits: Iterable[Debit], noted: Mapping[str, Decimal | None]
) -> None:
    """Take these amounts from the accounts. `noted`: what each payment has charged from now on."""
    sums: dict[int, Decimal] = defaultdict(Decimal)
    for each in debits:
        sums[each.account_key] += each.amount
    accounts = [{"key": key, "amount": amount} for key, amount in sums.items()]
    payments = [{"id": payment_id, "amount": amount} for payment_id, amount in noted.items()]
    await call.db.execute(DEBIT, call.marketplace_id, order_key, dump(accounts), dump(payments))

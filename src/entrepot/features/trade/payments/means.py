"""What an order may be paid from: cards and spending accounts that its user has (CRD-1, SPA-2, SPA-3)."""

from __future__ import annotations

from typing import Any

from entrepot.domain.orders.submitting import Account
from entrepot.engine.call import Call
from entrepot.features.people.company_assets.reach import rows_of_thing
from entrepot.features.people.company_assets.resources import (
    CREDIT_CARD_ASSIGNMENTS,
    SPENDING_ACCOUNT_ASSIGNMENTS,
)
from entrepot.features.trade.orders.companies import buyer_of
from entrepot.features.trade.orders.rows import OrderRow
from entrepot.kernel.errors import (
    ExpiredSpendingAccountError,
    InvalidSpendingAccountError,
    NotFoundError,
)
from entrepot.kernel.sql import Sql

Values = dict[str, Any]


OF_CARD = rows_of_thing(CREDIT_CARD_ASSIGNMENTS)
CARD = Sql(f"""
SELECT t."ID" FROM credit_cards t
WHERE t.marketplace_id = :marketplace_id AND t."ID" = :id
  AND (t.user_key = :caller AND t.user_key = :asking OR t."BuyerID" = :buyer AND EXISTS (SELECT 1 {OF_CARD}))
ORDER BY t.user_key IS NULL LIMIT 1
""").bound("marketplace_id", "id", "caller", "buyer", "asking")
"""A card that the order's user made for itself is nobody else's to name (CRD-1, ADR-3)."""
OF_ACCOUNT = rows_of_thing(SPENDING_ACCOUNT_ASSIGNMENTS)
ACCOUNT = Sql(f"""
SELECT t.key, t."ID", t."Balance", t."AllowAsPaymentMethod", t."StartDate", t."EndDate",
       (SELECT bool_or(a."AllowExceed") {OF_ACCOUNT}) AS exceeds
FROM spending_accounts t
WHERE t.marketplace_id = :marketplace_id AND t."ID" = :id AND t."BuyerID" = :buyer AND EXISTS (SELECT 1 {OF_ACCOUNT})
""").bound("marketplace_id", "id", "caller", "buyer")


async def credit_card(call: Call, order: OrderRow, card_id: str) -> str:
    """The stored ID of a card that the order's user has; 404 CreditCard, also for one of its own that another names."""
    caller = call.principal.user_key
    found: str | None = await call.db.fetchval(
        CARD, call.marketplace_id, card_id, order["user_key"], buyer_of(order), caller
    )
    if found is None:
        raise NotFoundError("CreditCard", card_id)
    return found


async def spending_account(call: Call, order: OrderRow, account_id: str) -> Account:
    """The account, in force and for payments. Raises Payment.InvalidSpendingAccountID and
    CannotUseExpiredSpendingAccount.
    """
    row = await call.db.fetchrow(ACCOUNT, call.marketplace_id, account_id, order["user_key"], buyer_of(order))
    if row is None or not row["AllowAsPaymentMethod"]:
        raise InvalidSpendingAccountError({"SpendingAccountID": account_id})
    now = call.clock()
    starts, ends = row["StartDate"], row["EndDate"]
    if (starts is not None and starts > now) or (ends is not None and ends < now):
        raise ExpiredSpendingAccountError({"SpendingAccountID": row["ID"]})
    return Account(row["key"], row["ID"], row["Balance"], bool(row["exceeds"]))

"""How much a payment may be, and from what (PAY-1, PAY-2, PAY-6)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from entrepot.domain.orders.payments import NOTHING, chargeable, covered
from entrepot.domain.orders.submitting import Account
from entrepot.engine.call import Call
from entrepot.features.trade.orders.models.enums import PaymentType
from entrepot.features.trade.orders.rows import OrderRow
from entrepot.features.trade.payments.means import credit_card, spending_account
from entrepot.kernel.errors import (
    AlreadyPaidError,
    ExceedsBalanceError,
    PaymentAmountError,
    SetCreditCardError,
    SetSpendingAccountError,
    SpendingAccountIdMissingError,
)

Values = dict[str, Any]


def check_amount(
    order: OrderRow, payment: Values, others: list[Values], *, least: Decimal, before: Decimal = NOTHING
) -> None:
    """PAY-2: no payment is added, nor made larger than it was `before`, where the others pay the whole order already.

    One that is merely larger than what is left is accepted: its total may still grow.
    """
    amount = payment["Amount"]
    if amount is None:
        return
    if amount < least:
        raise PaymentAmountError({"Amount": amount})
    others_set = sum(
        (each["Amount"] for each in others if each["Amount"] is not None and not each["OrderReturnID"]),
        NOTHING,
    )
    if others_set >= order["Total"] and amount > before:
        raise AlreadyPaidError({"Total": order["Total"]})


async def check_means(call: Call, order: OrderRow, payment: Values) -> Account | None:
    """PAY-1, with IDs as they are stored. The spending account, of a payment from one."""
    kind = payment["Type"]
    if payment["CreditCardID"]:
        if kind != PaymentType.CREDIT_CARD:
            raise SetCreditCardError
        payment["CreditCardID"] = await credit_card(call, order, payment["CreditCardID"])
    if payment["SpendingAccountID"] and kind != PaymentType.SPENDING_ACCOUNT:
        raise SetSpendingAccountError
    if kind != PaymentType.SPENDING_ACCOUNT:
        return None
    if not payment["SpendingAccountID"]:
        raise SpendingAccountIdMissingError
    account = await spending_account(call, order, payment["SpendingAccountID"])
    payment["SpendingAccountID"], payment["account_key"] = account.id, account.key
    return account


def check_balance(account: Account, amount: Decimal) -> None:
    """PAY-6, when a payment from the account is created."""
    if amount > account.balance and not account.exceeds:
        raise ExceedsBalanceError({"SpendingAccountID": account.id, "Balance": account.balance})


def covered_by(order: OrderRow, payment: Values, others: list[Values]) -> Decimal:
    """What a payment covers of the order's total, beside the others (PAY-2)."""
    amounts = {each["ID"]: each["Amount"] for each in (*others, payment) if not each["OrderReturnID"]}
    return covered(amounts, order["Total"])[payment["ID"]]


def charged_with(order: OrderRow, payment: Values, others: list[Values]) -> Decimal:
    """What the account of a payment of an open order is charged with in all (PAY-6)."""
    debited = (Decimal(each["debited"]) for each in others if each["debited"] and not each["OrderReturnID"])
    return chargeable(covered_by(order, payment, others), order["Total"], debited)

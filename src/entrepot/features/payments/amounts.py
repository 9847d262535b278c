"""How much a payment may be, and from what (PAY-1, PAY-2, PAY-6)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from entrepot.domain.orders.payments import covered
from entrepot.engine.call import Call
from entrepot.features.orders.models.enums import PaymentType
from entrepot.features.payments import means
from entrepot.features.payments.spending import charge
from entrepot.kernel.errors import (
    AlreadyPaidError,
    ExceedsBalanceError,
    PaymentAmountError,
    SetCreditCardError,
    SetSpendingAccountError,
    SpendingAccountIdMissingError,
)

Values = dict[str, Any]


def check_amount(order: Values, payment: Values, others: list[Values], *, least: Decimal) -> None:
    """PAY-2: set amounts together are not more than the order's total."""
    amount = payment["Amount"]
    if amount is None:
        return
    if amount < least:
        raise PaymentAmountError({"Amount": amount})
    others_set = sum(
        (each["Amount"] for each in others if each["Amount"] is not None and not each["OrderReturnID"]),
        Decimal(0),
    )
    if amount + others_set > order["Total"]:
        raise AlreadyPaidError({"Total": order["Total"]})


async def check_means(call: Call, order: Values, payment: Values) -> None:
    """PAY-1, with IDs as they are stored."""
    kind = payment["Type"]
    if payment["CreditCardID"]:
        if kind != PaymentType.CREDIT_CARD:
            raise SetCreditCardError
        payment["CreditCardID"] = await means.credit_card(call, order, payment["CreditCardID"])
    if payment["SpendingAccountID"] and kind != PaymentType.SPENDING_ACCOUNT:
        raise SetSpendingAccountError
    if kind == PaymentType.SPENDING_ACCOUNT:
        if not payment["SpendingAccountID"]:
            raise SpendingAccountIdMissingError
        account = await means.spending_account(call, order, payment["SpendingAccountID"])
        payment["SpendingAccountID"], payment["account_key"] = account.id, account.key


async def check_balance(call: Call, order: Values, payment: Values, others: list[Values]) -> None:
    """PAY-6, when the payment is created."""
    if payment["Type"] != PaymentType.SPENDING_ACCOUNT:
        return
    account = await means.spending_account(call, order, payment["SpendingAccountID"])
    amounts = {each["ID"]: each["Amount"] for each in (*others, payment) if not each["OrderReturnID"]}
    if covered(amounts, order["Total"])[payment["ID"]] > account.balance and not account.exceeds:
        raise ExceedsBalanceError({"SpendingAccountID": account.id, "Balance": account.balance})


async def charge_now(call: Call, order: Values, payment: Values, others: list[Values]) -> None:
    """A payment of an order that is open already charges its account at once (PAY-6, inferred)."""
    if payment.get("account_key") is None:
        return
    account = await means.spending_account(call, order, payment["SpendingAccountID"])
    amounts = {each["ID"]: each["Amount"] for each in (*others, payment) if not each["OrderReturnID"]}
    amount = covered(amounts, order["Total"])[payment["ID"]]
    await charge(call, order, payment, amount, exceeds=account.exceeds)


def others_of(payments: list[Values], payment: Values) -> list[Values]:
    return [each for each in payments if each["ID"] != payment["ID"]]

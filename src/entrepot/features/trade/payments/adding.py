"""A new payment of an order: checked, written, and charged where the order is open already (PAY-1 to PAY-3, PAY-6)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from entrepot.domain.orders.status import OrderStatus
from entrepot.engine.call import Call
from entrepot.engine.incrementors import fill_incrementors
from entrepot.engine.wire.models import check_xp_size
from entrepot.features.trade.orders.access import is_admin
from entrepot.features.trade.orders.models.enums import PaymentType
from entrepot.features.trade.orders.rows import OrderRow
from entrepot.features.trade.payments.amounts import (
    charged_with,
    check_amount,
    check_balance,
    check_means,
    covered_by,
)
from entrepot.features.trade.payments.refunds import check_refund, settle_refund
from entrepot.features.trade.payments.resources import PAYMENT
from entrepot.features.trade.payments.spending import charge
from entrepot.features.trade.payments.store import insert_payment, read_payments
from entrepot.kernel.errors import EditCanceledPaymentError, PatchAcceptedError
from entrepot.kernel.money import round_money

Values = dict[str, Any]


async def add_payment(call: Call, order: OrderRow, values: Values) -> Values:
    """A new payment of a body's complete values, written to an order under its lock."""
    refuse_canceled(order)
    check_xp_size(values["xp"])
    payment = values | {
        "ID": await fill_incrementors(call, values["ID"] or PAYMENT.generate_id()),
        "Type": values["Type"] or PaymentType.PURCHASE_ORDER,
        "DateCreated": call.clock(),
        "Currency": order["Currency"],
        "Accepted": _accepted(call, values),
        "Transactions": [],
        "Amount": None if values["Amount"] is None else round_money(values["Amount"]),
        "order_key": order["key"],
    }
    others = await read_payments(call, order["key"])
    account = await check_means(call, order, payment)
    refunded = None
    if payment["OrderReturnID"] is not None:
        refunded = await check_refund(call, order, payment)
    else:
        check_amount(order, payment, others, least=Decimal("0.01"))
        if account is not None:
            check_balance(account, covered_by(order, payment, others))
    payment["debited"] = None
    await insert_payment(call, payment)
    if refunded is not None:
        opened, settles = refunded
        await settle_refund(call, order, payment, opened, settles=settles)
    elif order["Status"] == OrderStatus.OPEN and account is not None:
        # An order that is open already charges the account at once (PAY-6, inferred).
        await charge(call, order, payment, charged_with(order, payment, others), exceeds=account.exceeds)
    return payment


def refuse_canceled(order: OrderRow) -> None:
    """Payments of a canceled order stay as they are."""
    if order["Status"] == OrderStatus.CANCELED:
        raise EditCanceledPaymentError


def _accepted(call: Call, values: Values) -> bool:
    """PAY-3: the default of the type; only administrators of orders say otherwise."""
    usual = (values["Type"] or PaymentType.PURCHASE_ORDER) != PaymentType.CREDIT_CARD
    wanted = values["Accepted"]
    if wanted is None or wanted == usual:
        return usual
    if not is_admin(call.principal):
        raise PatchAcceptedError
    return bool(wanted)

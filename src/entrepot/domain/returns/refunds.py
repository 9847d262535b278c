"""Payments that refund a return (RET-7)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from entrepot.domain.orders.status import OrderStatus
from entrepot.kernel.errors import RefundsExceedError, RefundSignError, RefundStatusError


@dataclass(frozen=True, slots=True)
class Refunding:
    """A return and its order before a refund. What has been refunded is positive here.

    refunded: of this return; refunded_elsewhere: of the order's other returns.
    """

    status: OrderStatus
    amount: Decimal | None
    order_total: Decimal
    refunded: Decimal = Decimal(0)
    refunded_elsewhere: Decimal = Decimal(0)


def check_refund(refunding: Refunding, amount: Decimal | None) -> bool:
    """Check a payment of this amount, which is negative; whether it settles the return.

    Raises OrderReturn.CannotCreatePaymentBadStatus, PaymentValueMustBeNegative and TotalRefundsExceedRefundAmount.
    """
    if refunding.status is not OrderStatus.OPEN:
        raise RefundStatusError({"Status": refunding.status})
    if amount is None or amount >= 0:
        raise RefundSignError
    total = refunding.refunded - amount
    allowed = refunding.amount or Decimal(0)
    if total > allowed or total + refunding.refunded_elsewhere > refunding.order_total:
        raise RefundsExceedError(
            {"RefundAmount": refunding.amount, "Total": refunding.order_total, "Refunded": refunding.refunded}
        )
    return total == allowed

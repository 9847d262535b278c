"""Refunds of returns: payments of negative amounts (RET-7)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from entrepot.domain.orders.status import OrderStatus
from entrepot.domain.returns.refunds import Refunding, check_refund
from entrepot.domain.returns.status import ReturnEvent
from entrepot.engine.call import Call
from entrepot.features.trade.orders.rows import OrderRow
from entrepot.features.trade.orders.store import load
from entrepot.features.trade.returns.moving import move
from entrepot.features.trade.returns.store import OpenReturn, named, refunds_of, returns_of
from entrepot.kernel.errors import NotFoundError

Values = dict[str, Any]


async def refunded_return(
    call: Call, order: OrderRow, return_id: str, amount: Decimal | None
) -> tuple[OpenReturn, bool]:
    """The return of an order under its lock that a payment of this amount may refund, and whether the payment settles
    it. 404 for a return of another order. Three statements.
    """
    returns = await returns_of(call, order["key"])
    row = named(returns, return_id)
    if row is None:
        raise NotFoundError("OrderReturn", return_id)
    refunds = await refunds_of(call, order["key"], row["ID"])
    refunding = Refunding(OrderStatus(row["Status"]), row["RefundAmount"], order["Total"], *refunds)
    settles = check_refund(refunding, amount)
    loaded = await load(call, order)
    others = [each for each in returns if each is not row]
    return OpenReturn(loaded, row, others, row.copy()), settles


async def settle(call: Call, opened: OpenReturn, payment_id: str) -> None:
    """All is refunded: the return is complete."""
    opened.row["PaymentIDs"] = [*(opened.row["PaymentIDs"] or ()), payment_id]
    await move(call, opened, ReturnEvent.REFUND_LAST)

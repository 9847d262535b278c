"""Refunds: payments of negative amounts that belong to an order return (RET-7, PAY-6)."""

from __future__ import annotations

from typing import Any

from entrepot.engine.call import Call
from entrepot.features.trade.orders.access import ADMINS, is_admin
from entrepot.features.trade.orders.rows import OrderRow
from entrepot.features.trade.payments.spending import charge
from entrepot.features.trade.returns.refunding import refunded_return, settle
from entrepot.features.trade.returns.store import OpenReturn
from entrepot.kernel.errors import InsufficientRolesError

Values = dict[str, Any]


async def check_refund(call: Call, order: OrderRow, payment: Values) -> tuple[OpenReturn, bool]:
    """Refuse a refund that its return does not allow, and one by others than administrators of orders (inferred).

    The return, and whether the payment settles it; the payment gets the return's ID as it is stored. Raises NotFoundError (OrderReturn) and the refusals of RET-7.
    """
    if not is_admin(call.principal):
        raise InsufficientRolesError(ADMINS, sorted(call.principal.roles))
    opened, settles = await refunded_return(call, order, payment["OrderReturnID"], payment["Amount"])
    payment["OrderReturnID"] = opened.row["ID"]
    return opened, settles


async def settle_refund(
    call: Call, order: OrderRow, payment: Values, opened: OpenReturn, *, settles: bool
) -> None:
    """A refund to a spending account is credited; the one that makes all refunds the whole completes its return."""
    if payment.get("account_key") is not None:
        await charge(call, order, payment, payment["Amount"], exceeds=True)
    if settles:
        await settle(call, opened, payment["ID"])

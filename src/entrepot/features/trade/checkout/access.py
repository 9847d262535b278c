"""Who may have an order estimated and calculated (ORD-4)."""

from __future__ import annotations

from typing import Any

from entrepot.domain.orders.approvals import UNANSWERED
from entrepot.domain.orders.status import OrderStatus
from entrepot.engine.call import Call
from entrepot.engine.statements import texts
from entrepot.features.trade.orders.access import ADMINS, is_admin, owns
from entrepot.features.trade.orders.rows import OrderRow
from entrepot.kernel.errors import InsufficientRolesError

Values = dict[str, Any]

INTEGRATORS = "IntegrationEventAdmin"
APPROVES = f"""
SELECT EXISTS (
    SELECT 1 FROM order_approvals a
    JOIN user_group_members g ON g.marketplace_id = $1 AND g.group_key = a.group_key AND g.user_key = $3
    WHERE a.marketplace_id = $1 AND a.order_key = $2 AND a."Status" IN ({texts(UNANSWERED)}))
"""


async def require_checkout(call: Call, order: OrderRow) -> None:
    """The order's own user before the submit, approvers while it waits for them, administrators at any time but after
    a cancellation; else 403.
    """
    caller, status = call.principal, order["Status"]
    if status != OrderStatus.CANCELED:
        if is_admin(caller) or INTEGRATORS in caller.roles:
            return
        if status == OrderStatus.UNSUBMITTED and owns(caller, order):
            return
        if status == OrderStatus.AWAITING_APPROVAL and await call.db.fetchval(
            APPROVES, call.marketplace_id, order["key"], caller.user_key
        ):
            return
    raise InsufficientRolesError((INTEGRATORS, *ADMINS), sorted(caller.roles))

"""The subscription that an order comes from, as its worksheet shows it."""

from __future__ import annotations

from typing import Any

from entrepot.engine import statements
from entrepot.engine.call import Call
from entrepot.engine.rows import renderer
from entrepot.features.trade.orders.models.subscriptions import Subscription
from entrepot.features.trade.orders.rows import OrderRow
from entrepot.kernel.sql import Sql

Values = dict[str, Any]

SUBSCRIPTION = Sql(f"""
SELECT {statements.projection(tuple(Subscription.__columns__.values()))} FROM subscriptions t
WHERE t.marketplace_id = :marketplace_id AND t."ID" = :subscription
""").bound("marketplace_id", "subscription")
_render = renderer(Subscription).render


async def read_subscription(call: Call, order: OrderRow) -> Values | None:
    """The subscription as it is now; None for an order that comes from none, or from one that is gone. One statement at
    most.
    """
    if order["SubscriptionID"] is None:
        return None
    row = await call.db.fetchrow(SUBSCRIPTION, call.marketplace_id, order["SubscriptionID"])
    return None if row is None else _render(row)

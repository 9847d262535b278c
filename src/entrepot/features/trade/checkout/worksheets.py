"""The worksheet of an order (CHK-1)."""

from __future__ import annotations

from typing import Any

from entrepot.engine.call import Call
from entrepot.features.trade.checkout.answers import shown
from entrepot.features.trade.checkout.subscriptions import read_subscription
from entrepot.features.trade.orders.promotions.shown import shown_promotions
from entrepot.features.trade.orders.rows import by_name
from entrepot.features.trade.orders.store import Loaded, render_order, show_line

Values = dict[str, Any]

RESPONSES = {
    "ShipEstimateResponse": "ship_estimate",
    "OrderCalculateResponse": "calculation",
    "OrderSubmitResponse": "submit_response",
    "OrderSubmitForApprovalResponse": "approval_response",
    "OrderApprovedResponse": "approved_response",
    "SubscriptionIntegrationResponse": "subscription_response",
}
"""What integrations have answered: the worksheet's name and the order's column."""


async def worksheet_of(call: Call, loaded: Loaded) -> Values:
    """Everything about an order that has been loaded, as the integration is sent it. One statement for an order with promotions, one for that of a
    subscription.
    """
    order = loaded.order
    return {
        "Order": render_order(order),
        "LineItems": [show_line(call, line) for line in loaded.lines],
        "OrderPromotions": await shown_promotions(call, loaded),
        "Subscription": await read_subscription(call, order),
        **{name: by_name(order)[column] for name, column in RESPONSES.items()},
    }


async def shown_worksheet(call: Call, loaded: Loaded) -> Values:
    """The worksheet as the caller may see it."""
    sheet = await worksheet_of(call, loaded)
    return sheet | {name: shown(call, sheet[name]) for name in RESPONSES}

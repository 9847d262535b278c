"""Calls of the server's own to others, at which a rule can be aimed as at an operation, by names that no operation has."""

from __future__ import annotations

PREFIX = "Outgoing."
DELIVERIES = (
    "Webhook",
    "MessageSender",
    "ProductSync",
    "EntitySync",
    "OrderSync",
    "TrackingEvent",
    "InventoryIntegration",
    "ErrorConfig",
)
"""What is delivered: the integrations of the log of deliveries."""
AD_HOC_PRODUCT = "AdHocProduct"
PRE_WEBHOOK, PROMOTIONS, SUBSCRIPTIONS, OPEN_ID = (
    "PreWebhook",
    "PromotionIntegration",
    "SubscriptionIntegration",
    "OpenIdConnect",
)
QUESTIONS = (
    "ShippingRates",
    "OrderCalculate",
    "OrderSubmit",
    "OrderSubmitForApproval",
    "OrderApproved",
    "CalculateOrderReturn",
    AD_HOC_PRODUCT,
    PRE_WEBHOOK,
    PROMOTIONS,
    SUBSCRIPTIONS,
    OPEN_ID,
)
"""What is asked while somebody waits for the answer."""
NAMES = tuple(f"{PREFIX}{each}" for each in (*DELIVERIES, *QUESTIONS))


def is_abroad(aim: str | None) -> bool:
    """Whether what a rule is aimed at are calls of the server's own; `*` alone are operations."""
    return (aim or "").lower().startswith(PREFIX.lower())

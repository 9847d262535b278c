"""Whose deliveries a caller sees: all with FullAccess, else those of the integrations that it administers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from entrepot.declare.roles import FULL_ACCESS, SELLERS_ONLY, Right, sufficient
from entrepot.engine.access import allowed_types
from entrepot.engine.call import Call

ADMINISTRATORS: Mapping[str, str] = {
    "Webhook": "WebhookAdmin",
    "MessageSender": "MessageSenderAdmin",
    "Mail": "MessageSenderAdmin",
    "ProductSync": "ProductSyncConfigAdmin",
    "EntitySync": "EntitySyncConfigAdmin",
    "OrderSync": "OrderSyncConfigAdmin",
    "TrackingEvent": "TrackingEventAdmin",
    "ErrorConfig": "ErrorConfigAdmin",
    "IntegrationEvent": "IntegrationEventAdmin",
    "InventoryIntegration": "IntegrationEventAdmin",
    "PromotionIntegration": "IntegrationEventAdmin",
    "SubscriptionIntegration": "IntegrationEventAdmin",
    "DeliveryConfig": "DeliveryConfigAdmin",
}
"""By integration; what is not here is seen with FullAccess alone. Targets of delivery configurations belong to DeliveryConfig."""

OF_SELLERS = allowed_types(SELLERS_ONLY, Right.READ)
ROLES = sufficient(*dict.fromkeys(ADMINISTRATORS.values()))
COMMON: dict[str, Any] = {"roles": ROLES, "user_types": OF_SELLERS}


def integrations(call: Call) -> list[str] | None:
    """Those that the caller administers; None for all."""
    roles = call.principal.roles
    if FULL_ACCESS in roles:
        return None
    return [name for name, role in ADMINISTRATORS.items() if role in roles]


def sees(call: Call, integration: str) -> bool:
    """Whether the caller administers it."""
    seen = integrations(call)
    return seen is None or integration in seen

"""The events of all messages to people, each with the builder of what it says."""

from __future__ import annotations

from entrepot.features.catalog.collections.messages import COLLECTION_MESSAGE
from entrepot.features.people.deliveries.events import EventKind
from entrepot.features.people.messages.accounts import ACCOUNT_MESSAGE
from entrepot.features.trade.messages.orders import ORDER_MESSAGE
from entrepot.features.trade.messages.returns import ORDER_RETURN_MESSAGE
from entrepot.features.trade.messages.shipments import SHIPMENT_MESSAGE
from entrepot.features.trade.messages.subscriptions import SUBSCRIPTION_MESSAGE

MESSAGE_EVENTS: tuple[EventKind, ...] = (
    ACCOUNT_MESSAGE,
    COLLECTION_MESSAGE,
    ORDER_MESSAGE,
    ORDER_RETURN_MESSAGE,
    SHIPMENT_MESSAGE,
    SUBSCRIPTION_MESSAGE,
)

"""The declarations of integrations, in one list."""

from __future__ import annotations

from entrepot.features.people.integrations.deliveries import DELIVERY_CONFIGURATIONS
from entrepot.features.people.integrations.entity_sync import ENTITY_SYNC_SINGLETONS
from entrepot.features.people.integrations.events import INTEGRATION_EVENTS
from entrepot.features.people.integrations.listeners import MESSAGE_CC_LISTENER
from entrepot.features.people.integrations.openid import OPEN_ID_CONNECTS
from entrepot.features.people.integrations.senders import MESSAGE_SENDER_ASSIGNMENTS, MESSAGE_SENDERS
from entrepot.features.people.integrations.settings import SINGLETONS
from entrepot.features.people.integrations.tracking import TRACKING_EVENTS
from entrepot.features.people.integrations.webhooks import WEBHOOKS

ALL_SINGLETONS = (*SINGLETONS, *ENTITY_SYNC_SINGLETONS)
ENTITIES = (MESSAGE_CC_LISTENER, *dict.fromkeys(singleton.entity for singleton in ALL_SINGLETONS))
RESOURCES = (
    DELIVERY_CONFIGURATIONS,
    INTEGRATION_EVENTS,
    WEBHOOKS,
    MESSAGE_SENDERS,
    TRACKING_EVENTS,
    OPEN_ID_CONNECTS,
)
ASSIGNMENTS = (MESSAGE_SENDER_ASSIGNMENTS,)

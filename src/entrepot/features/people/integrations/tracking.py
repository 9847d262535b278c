"""Tracking events (TRK-1)."""

from __future__ import annotations

from typing import Any

from entrepot.declare.entity import Entity, Index
from entrepot.declare.feeds import Feed, Feeds
from entrepot.declare.resource import Resource
from entrepot.declare.roles import SELLERS_ONLY, Roles
from entrepot.declare.types import Id, Text, Xp
from entrepot.declare.wire import Reference, Wire, column
from entrepot.engine.call import Call
from entrepot.features.people.integrations.enums import TrackingEventType
from entrepot.features.people.integrations.hooks import IntegrationHooks
from entrepot.kernel.errors import (
    TrackingEventClientError,
    TrackingEventDeliveryConfigError,
    TrackingEventPropertyFixedError,
    TrackingEventTypeTakenError,
)

Values = dict[str, Any]


class TrackingEvent(Wire):
    """Something that shoppers of an API client do, which is reported elsewhere."""

    ID: Id = column()
    EventType: TrackingEventType = column(required=True)
    ClientID: Id = column(
        required=True, references=Reference("api_clients", missing=TrackingEventClientError)
    )
    Name: Text = column(required=True)
    ConfigData: Xp = column()
    DeliveryConfigID: Id = column(
        required=True,
        references=Reference(
            "delivery_configs", on_delete="refuse", missing=TrackingEventDeliveryConfigError
        ),
    )


class TrackingEventHooks(IntegrationHooks):
    """What an event is of stays."""

    async def check(self, call: Call, old: Values | None, new: Values) -> None:
        if old is None:
            return
        for name in ("EventType", "ClientID"):
            if new[name] != old[name]:
                raise TrackingEventPropertyFixedError({"Property": name})


TRACKING_EVENT = Entity(
    model=TrackingEvent,
    table="tracking_events",
    object_type="TrackingEvent",
    # Who listens is remembered (deliveries/listening.py).
    feeds=(Feeds(feed=Feed.SECURITY),),
    indexes=(
        Index(
            "uq_tracking_events_type",
            '"ClientID", "EventType"',
            unique=True,
            error=TrackingEventTypeTakenError,
        ),
    ),
)
TRACKING_EVENTS = Resource(
    name="TrackingEvents",
    entity=TRACKING_EVENT,
    path="/integrations/trackingEvents",
    item="eventID",
    roles=Roles.named("TrackingEvent"),
    access=SELLERS_ONLY,
    search=("ID", "EventType"),
    sort=("ID", "EventType"),
    hooks=TrackingEventHooks(TRACKING_EVENT),
)

"""Tracking events on the wire: who did it, what it is called, and to whom it is told (TRK-2, TRK-3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from entrepot.engine.call import Call
from entrepot.features.people.deliveries.events import Event, Outbound
from entrepot.features.people.deliveries.fanning import fan_out
from entrepot.features.people.deliveries.listeners import Tracking
from entrepot.features.people.deliveries.listening import listeners
from entrepot.features.people.integrations.enums import TrackingEventType

INTEGRATION = "TrackingEvent"
NAMESPACE = "sitecore.backbone.messages."
NAMES: Mapping[TrackingEventType, str] = {
    TrackingEventType.USER_LOGGED_IN: f"{NAMESPACE}sessions.identified",
    TrackingEventType.LINE_ITEM_ADDED: f"{NAMESPACE}orders.lines.added",
    TrackingEventType.LINE_ITEM_UPDATED: f"{NAMESPACE}orders.lines.updated",
    TrackingEventType.ORDER_SUBMITTED: f"{NAMESPACE}orders.submitted",
}


async def tracking_of(call: Call, client_id: str, kind: TrackingEventType) -> Tracking | None:
    """The tracking event of an API client; no statement where the listeners are known."""
    return (await listeners(call)).tracks(client_id, kind.value)


async def tracked(
    call: Call, event: Event, kind: TrackingEventType, payload: Mapping[str, Any]
) -> Sequence[Outbound]:
    """A message for each target; none where the tracking event has gone meanwhile. The facts tell client, user (null for
    guests, who share one) and anonymous.
    """
    facts = event.facts
    tracking = await tracking_of(call, facts["client"], kind)
    if tracking is None:
        return ()
    return await fan_out(
        call,
        tracking.config_id,
        integration=INTEGRATION,
        integration_id=tracking.id,
        message_type=NAMES[kind],
        payload={
            "UserContext": {"ID": facts["user"], "AnonymousID": facts["anonymous"]},
            "ClientID": facts["client"],
            "ConfigData": tracking.config_data,
            **payload,
        },
        aggregate=event.aggregate,
    )

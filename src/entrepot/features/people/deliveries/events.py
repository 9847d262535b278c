"""Shapes on the way out: kinds of events, events as they were told, and the deliveries that they become."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from entrepot.engine.call import Call

URL = "Url"
"""The target that is the URL of the integration itself; other targets are properties of DeliveryTargets, and our own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that has happened, as it was told."""

    key: int
    """Later ones of an aggregate have higher ones."""
    kind: str
    aggregate: str
    """What the order is kept of, `order/12`."""
    facts: Mapping[str, Any]
    confidential: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """What stood in the unit alone and is sealed until now, such as a code."""
    told_at: datetime
    log_id: str
    """Of the request that told it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbound:
    """One delivery to be."""

    integration: str
    """Webhook, MessageSender, ProductSync, EntitySync, OrderSync, TrackingEvent, InventoryIntegration, ErrorConfig ..."""
    integration_id: str = ""
    """ID of the webhook, sender, tracking event, kind of entity; "" where a marketplace has one."""
    target: str
    config_id: str | None = None
    """Of the delivery configuration that has the target; None for URL and for targets of our own."""
    body: bytes = field(repr=False)
    """The exact bytes, the same in each attempt; sealed at rest."""
    type: str | None = None
    """`sitecore.ordercloud.messages.product.updated`; of messages to people, their type."""
    aggregate: str


@dataclass(frozen=True, slots=True)
class Portion:
    """As much of what an event becomes as is made at once. rest: the facts with which it stays where it is, for what is left;
    None where that was the last. failure: what of it could not be made, and why: a delivery that failed says so.
    """

    outbound: Sequence[Outbound]
    rest: Mapping[str, Any] | None
    failure: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventKind:
    """Something that happens and may have to be told; declared in a line of its own in features/registry.py.

    expand: to whom, outside of any transaction, by what holds at that moment. The call is the server's own in the event's
    marketplace, and reads from the pool. What it raises ends as a failed delivery, which can be replayed.
    One that concerns thousands comes in portions.
    """

    name: str
    expand: Callable[[Call, Event], Awaitable[Sequence[Outbound] | Portion]]

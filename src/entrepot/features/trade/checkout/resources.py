"""Events of orders that an integration has not been told of yet (CHK-8)."""

from __future__ import annotations

from entrepot.declare.entity import Entity, Index, Parent, Stored
from entrepot.declare.types import Id, Text
from entrepot.declare.wire import Wire, column


class CheckoutEvent(Wire):
    """What has happened to an order, as the integration's URL calls it; the ID is that of the delivery."""

    ID: Id = column()
    Kind: Text = column()


CHECKOUT_EVENT = Entity(
    model=CheckoutEvent,
    table="checkout_events",
    object_type="CheckoutEvent",
    parents=(Parent("OrderID", "orders", key="order_key"),),
    stored=(
        Stored(name="caller", type="json", nullable=False),
        Stored(name="due_at", type="timestamptz", nullable=False),
    ),
    indexes=(Index("ix_checkout_events_due", "due_at"),),
    keeps={"caller": "who has caused what is about to be told"},
)
"""An outbox. Rows are written with what they tell of and deleted with the integration's answer. Whoever delivers one has
put `due_at` off before; `caller` is who caused it, for the token.
"""
ENTITIES = (CHECKOUT_EVENT,)

"""What a delivery belongs to: the endpoint that it goes to, the lane in which it keeps its order; where its body is sealed."""

from __future__ import annotations

import hashlib

from entrepot.features.people.deliveries.events import Outbound

MOST_BODY = 2 * 2**20
"""Bytes of a body. A delivery with more fails before it is tried."""


def endpoint_of(outbound: Outbound) -> str:
    """What can be down, limited or paused as a whole: `Webhook/ID/Url`, `DeliveryConfig/ID/Kafka`."""
    if outbound.config_id is not None:
        return f"DeliveryConfig/{outbound.config_id}/{outbound.target}"
    return f"{outbound.integration}/{outbound.integration_id}/{outbound.target}"


def lane_of(outbound: Outbound) -> bytes:
    """Whatever has the same is delivered one after another: to one target, about one thing, of whichever integration. A rename makes it
    anew in SQL (integrations/renaming.py).
    """
    lane = f"{endpoint_of(outbound).lower()}\0{outbound.aggregate}"
    return hashlib.sha256(lane.encode("utf-8", "replace")).digest()[:16]


def place_of_body(marketplace_id: int, delivery_id: str) -> tuple[str, ...]:
    """Where a body is sealed."""
    return ("deliveries", "body", str(marketplace_id), delivery_id)

"""Deliveries as a dispatcher attempts them."""

from __future__ import annotations

from typing import Any

from entrepot.engine.call import Call
from entrepot.features.people.deliveries.fanning import envelope
from entrepot.features.people.deliveries.targets.target import Sending

PRODUCT = "sitecore.ordercloud.messages.product.updated"


def sending(
    call: Call,
    config: dict[str, Any],
    payload: Any,
    *,
    type: str = PRODUCT,
    integration: str = "ProductSync",
    delivery_id: str = "d-1",
    aggregate: str = "product/12",
    body: bytes | None = None,
) -> Sending:
    """An attempt to deliver a payload in its envelope, or `body` as it is."""
    marketplace = call.principal.marketplace
    return Sending(
        call=call,
        marketplace_id=call.marketplace_id,
        marketplace=marketplace,
        delivery_id=delivery_id,
        integration=integration,
        integration_id="i",
        config=config,
        type=type,
        aggregate=aggregate,
        body=envelope(marketplace, type, payload) if body is None else body,
        attempt=1,
    )

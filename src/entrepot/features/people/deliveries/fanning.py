"""One payload for every target of a delivery configuration, in the envelope that they have in common (DC-1, DC-3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Raw

from entrepot.engine.call import Call
from entrepot.engine.wire.json import encode
from entrepot.features.people.deliveries.events import Outbound
from entrepot.features.people.deliveries.listening import listeners


def envelope(marketplace: str, message_type: str, payload: Any) -> bytes:
    """The exact bytes. marketplace: its wire ID. message_type: `sitecore.ordercloud.messages.product.updated`."""
    headers = {"type": message_type, "marketplace": marketplace, "tenantid": marketplace}
    return encode({"Headers": headers, "Payload": payload})


async def fan_out(
    call: Call,
    config_id: str,
    *,
    integration: str,
    integration_id: str = "",
    message_type: str,
    payload: Mapping[str, Any] | Raw,
    aggregate: str,
) -> Sequence[Outbound]:
    """A delivery for each target that is set; none where the configuration is disabled or gone (DC-4)."""
    config = (await listeners(call)).config(config_id)
    if config is None or not config.enabled or not config.targets:
        return ()
    body = envelope(call.principal.marketplace, message_type, payload)
    return [
        Outbound(
            integration=integration,
            integration_id=integration_id,
            target=target,
            config_id=config.id,
            body=body,
            type=message_type,
            aggregate=aggregate,
        )
        for target in config.targets
    ]

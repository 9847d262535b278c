"""SendEvent and DiscoverEvent: what shoppers do, told to an e-mail and to a recommendation service (TRK-2)."""

from __future__ import annotations

import time

from entrepot.domain.deliveries.tracked import LOGIN, discover_event, send_event
from entrepot.domain.integrations.headers import is_value
from entrepot.features.people.deliveries.targets.envelopes import payload
from entrepot.features.people.deliveries.targets.outcomes import refused
from entrepot.features.people.deliveries.targets.services_abroad import ServiceTarget, base, called, segment
from entrepot.features.people.deliveries.targets.target import Sending
from entrepot.features.people.outgoing.answers import Answer

NOT_TRACKED = "The service takes tracking events only."


class SendEventTarget(ServiceTarget):
    """POST <ServiceEndpoint>/identify of a login, /track of everything else."""

    async def tell(self, sending: Sending) -> Answer:
        kind = sending.type or ""
        event = send_event(kind, await payload(sending.body), str(sending.config["SiteID"]))
        if event is None:
            return refused(NOT_TRACKED)
        action = "identify" if kind == LOGIN else "track"
        return await called(sending, "POST", f"{base(sending.config['ServiceEndpoint'])}/{action}", event)


class DiscoverEventTarget(ServiceTarget):
    """POST <ServiceEndpoint>/event/<ClientID>/v4/publish."""

    async def tell(self, sending: Sending) -> Answer:
        config, key = sending.config, str(sending.config["ApiKey"])
        at_ms = time.time_ns() // 1_000_000
        event = discover_event(sending.type or "", await payload(sending.body), at_ms)
        if event is None:
            return refused(NOT_TRACKED)
        url = f"{base(config['ServiceEndpoint'])}/event/{segment(config['ClientID'])}/v4/publish"
        headers = [("Authorization", key)] if is_value(key) else ()
        return await called(sending, "POST", url, event, headers=headers, secrets=[key])

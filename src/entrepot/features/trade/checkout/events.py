"""The integration event of the caller's API client, which checkout, returns and carts ask (IE-1, IE-3)."""

from __future__ import annotations

from enum import StrEnum

from entrepot.engine.call import Call
from entrepot.features.people.integrations.asking import COLUMNS, SELLER, AskedEvent, event_of

EVENT = f"""
SELECT {COLUMNS}
FROM api_clients c
JOIN integration_events e ON e.marketplace_id = $1 AND e."ID" = c."%s"
{SELLER}
WHERE c.marketplace_id = $1 AND c."ID" = $2
"""


class CheckoutEventKind(StrEnum):
    """The property of API clients that names the event of each kind."""

    CHECKOUT = "OrderCheckoutIntegrationEventID"
    RETURN = "OrderReturnIntegrationEventID"
    ADD_TO_CART = "AddToCartIntegrationEventID"


async def find_event(call: Call, kind: CheckoutEventKind) -> AskedEvent | None:
    """The event of the caller's API client; None where it has none. One statement."""
    row = await call.db.fetchrow(EVENT % kind.value, call.marketplace_id, call.principal.client_id)
    return None if row is None else event_of(call, row)

"""Asking an integration event: which one, the signed request, the caller's token with elevated roles (IE-3, IE-5, SIG)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from entrepot.domain.identity.roles import RoleSet
from entrepot.domain.integrations.headers import DELIVERY
from entrepot.engine.call import Call
from entrepot.engine.wire.json import encode, load
from entrepot.features.credentials import tokens
from entrepot.features.credentials.claims import AccessClaims, Validity
from entrepot.features.integrations.events import INTEGRATION_EVENT
from entrepot.features.integrations.signing import HASH_KEY, Credentials, read_credentials
from entrepot.features.outgoing import Answer
from entrepot.features.services import services

Values = dict[str, Any]

EVENT = f"""
SELECT e."CustomImplementationUrl", e."CustomAuthHeaderName", e."CustomAuthHeaderValue", e."ElevatedRoles",
       e."ConfigData", e.{HASH_KEY}, c."AccessTokenDuration"
FROM api_clients c
JOIN integration_events e ON e.marketplace_id = $1 AND e."ID" = c."{{column}}"
WHERE c.marketplace_id = $1 AND c."ID" = $2
"""


class Kind(StrEnum):
    """The property of API clients that names the event of each kind."""

    CHECKOUT = "OrderCheckoutIntegrationEventID"
    RETURN = "OrderReturnIntegrationEventID"
    ADD_TO_CART = "AddToCartIntegrationEventID"


@dataclass(frozen=True, slots=True)
class Event:
    """An integration event, ready to be asked."""

    url: str
    config: Any
    elevated: tuple[str, ...]
    token_lifetime: timedelta
    credentials: Credentials


async def find_event(call: Call, kind: Kind) -> Event | None:
    """The event of the caller's API client; None where it has none. One statement."""
    row = await call.db.fetchrow(
        EVENT.format(column=kind.value), call.marketplace_id, call.principal.client_id
    )
    if row is None:
        return None
    return Event(
        url=row["CustomImplementationUrl"].strip(),
        config=load(row["ConfigData"]) if row["ConfigData"] else None,
        elevated=tuple(row["ElevatedRoles"] or ()),
        token_lifetime=timedelta(minutes=row["AccessTokenDuration"]),
        credentials=read_credentials(call, INTEGRATION_EVENT.table, INTEGRATION_EVENT.model, row),
    )


async def ask(call: Call, event: Event, suffix: str, payload: Values, delivery: str = "") -> Answer:
    """POST a payload with what all events carry besides. To be called outside of transactions only.

    suffix: what comes after the event's URL (IE-1), "" for nothing.
    """
    body = encode(
        payload
        | {
            "Environment": services(call).environment,
            "OrderCloudAccessToken": elevated_token(call, event),
            "ConfigData": event.config,
        }
    )
    url = event.url.rstrip("/") + suffix if suffix else event.url
    headers = [*event.credentials.headers(body), (DELIVERY, delivery or call.request_id)]
    return await services(call).outgoing.post(url, body, headers)


def elevated_token(call: Call, event: Event) -> str | None:
    """The caller's token with the event's roles besides its own; none where the event elevates none (IE-5, inferred)."""
    if not event.elevated:
        return None
    caller = call.principal
    claims = AccessClaims(
        username=caller.username,
        client_id=caller.client_id.lower(),
        user_key=caller.user_key,
        user_type=caller.user_type,
        roles=RoleSet.named(caller.roles).union(RoleSet.of(event.elevated)),
        validity=Validity.starting(call.clock(), event.token_lifetime),
        base_url=call.base_url,
        marketplace_key=caller.marketplace_id,
        generation=caller.generation,
        impersonator_key=caller.impersonator_key,
        order_id=caller.guest_order_id,
        anonymous_user_id=caller.anonymous_user_id,
        invitation_id=caller.invitation_id,
    )
    return tokens.issue(services(call).signing_keys.ring.current, claims)

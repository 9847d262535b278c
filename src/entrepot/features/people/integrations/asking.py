"""Asking an integration event: what it is asked with, and the token that lets it act for the marketplace (IE-1, IE-4, IE-5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import asyncpg

from entrepot.domain.faults.abroad import AD_HOC_PRODUCT
from entrepot.domain.identity.roles import RoleSet
from entrepot.domain.identity.ties import Elevation, Giver, Ties
from entrepot.domain.integrations.headers import DELIVERY
from entrepot.engine.call import Call
from entrepot.engine.wire.json import encode, load
from entrepot.features.people.credentials import tokens
from entrepot.features.people.credentials.claims import AccessClaims, Validity
from entrepot.features.people.faults.abroad import asked
from entrepot.features.people.integrations.events import INTEGRATION_EVENT
from entrepot.features.people.integrations.signing import HASH_KEY, Credentials, read_credentials
from entrepot.features.people.outgoing.answers import Answer
from entrepot.features.people.outgoing.client import TIME_LIMIT
from entrepot.features.people.services import services
from entrepot.kernel.errors import CallsAbroadError, ElevatedRolesClientError
from entrepot.kernel.user_types import UserType

Values = dict[str, Any]

COLUMNS = f"""
e."ID", e."CustomImplementationUrl", e."CustomAuthHeaderName", e."CustomAuthHeaderValue", e."ElevatedRoles",
e."ConfigData", e.{HASH_KEY}, s.client_id, s."AccessTokenDuration", s.key, s."Username", s.generation
"""
"""Of the events `e` with SELLER beside them."""
# Which of several clients of the seller's side an elevated token is of, is nobody's to rely on: it has the event's roles only.
SELLER = """
LEFT JOIN LATERAL (
    SELECT x."ID" AS client_id, x."AccessTokenDuration", u.key, u."Username", u.generation
    FROM api_clients x
    JOIN users u ON u.marketplace_id = $1 AND u.key = x.default_context_user_key
    WHERE x.marketplace_id = $1 AND x."Active" AND x."AllowSeller"
      AND u."Active" AND u."BuyerID" IS NULL AND u."SupplierID" IS NULL
    ORDER BY x."ID" LIMIT 1) s ON e."ElevatedRoles" <> '{}'
"""
GRACE = timedelta(minutes=5)
"""For which an elevated token outlives the longest call."""


@dataclass(frozen=True, slots=True)
class Seller:
    """The default context user of a client that admits sellers: whose elevated tokens are."""

    client_id: str
    user_key: int
    username: str
    generation: int
    token_lifetime: timedelta


@dataclass(frozen=True, slots=True)
class AskedEvent:
    """An integration event, ready to be asked."""

    id: str
    url: str
    config: Any
    elevated: tuple[str, ...]
    seller: Seller | None
    credentials: Credentials


def event_of(call: Call, row: asyncpg.Record) -> AskedEvent:
    """The event of a row of COLUMNS."""
    return AskedEvent(
        id=row["ID"],
        url=row["CustomImplementationUrl"].strip(),
        config=load(row["ConfigData"]) if row["ConfigData"] else None,
        elevated=tuple(row["ElevatedRoles"] or ()),
        seller=None if row["client_id"] is None else _seller(row),
        credentials=read_credentials(call, INTEGRATION_EVENT.table, INTEGRATION_EVENT.model, row),
    )


def _seller(row: asyncpg.Record) -> Seller:
    duration = timedelta(minutes=row["AccessTokenDuration"])
    return Seller(row["client_id"], row["key"], row["Username"], row["generation"], duration)


async def ask(call: Call, event: AskedEvent, suffix: str, payload: Values, delivery: str = "") -> Answer:
    """POST a payload with what all events carry besides.

    suffix: what comes after the event's URL (IE-1), "" for nothing. Raises ElevatedRolesClientError where the token that it
    is to carry cannot be made, CallsAbroadError within a transaction.
    """
    if call.connection is not None:
        raise CallsAbroadError(call.operation.id)
    token = elevated_token(call, event)
    body = encode(
        payload
        | {
            "Environment": services(call).environment,
            "OrderCloudAccessToken": token,
            "ConfigData": event.config,
        }
    )
    url = event.url.rstrip("/") + suffix if suffix else event.url
    headers = [*event.credentials.headers(body), (DELIVERY, delivery or call.request_id)]
    secrets = event.credentials.secrets(token)
    send = partial(services(call).outgoing.post, call.marketplace_id, url, body, headers, secrets=secrets)
    return await asked(call, suffix.lstrip("/") or AD_HOC_PRODUCT, url, send)


def elevated_token(call: Call, event: AskedEvent) -> str | None:
    """A token of the seller's side with the event's roles and no others, for as long as the call may take and a little more;
    it ends with the event, and with roles that are taken from it. None where the event elevates none (IE-5, inferred).
    """
    if not event.elevated:
        return None
    seller = event.seller
    if seller is None:
        raise ElevatedRolesClientError
    claims = AccessClaims(
        username=seller.username,
        client_id=seller.client_id.lower(),
        user_key=seller.user_key,
        user_type=UserType.SELLER,
        roles=RoleSet.of(event.elevated),
        validity=Validity.starting(call.server_clock(), elevated_lifetime(seller.token_lifetime), call.ahead),
        base_url=call.base_url,
        marketplace_key=call.marketplace_id,
        generation=seller.generation,
        ties=Ties(elevations=(Elevation(Giver.EVENT, event.elevated, event.id),)),
    )
    return tokens.issue(services(call).signing_keys.ring.current, claims)


def elevated_lifetime(usual: timedelta) -> timedelta:
    """Of a token that goes abroad with a call, where the client's tokens hold for `usual`."""
    return min(usual, timedelta(seconds=TIME_LIMIT) + GRACE)

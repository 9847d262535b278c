"""The subscription integration, which is told of every order and completes it (SBS-3, SUB-1 to SUB-4)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from entrepot.domain.faults.abroad import SUBSCRIPTIONS
from entrepot.domain.identity.roles import RoleSet, grant, parse_scope
from entrepot.domain.identity.ties import Elevation, Giver, Ties
from entrepot.domain.integrations.headers import DELIVERY
from entrepot.engine.call import Call
from entrepot.engine.wire.json import encode
from entrepot.features.people.faults import abroad as faults
from entrepot.features.people.integrations.asking import elevated_lifetime
from entrepot.features.people.integrations.settings import SubscriptionIntegration
from entrepot.features.people.integrations.signing import HASH_KEY, Credentials, read_credentials
from entrepot.features.people.oauth import subjects
from entrepot.features.people.oauth.grant_client import find_client
from entrepot.features.people.oauth.tokens import access_claims, sign
from entrepot.features.people.services import services
from entrepot.features.trade.checkout.answers import read_answer
from entrepot.features.trade.orders.models.subscriptions import SubscriptionIntegrationResponse
from entrepot.kernel.errors import ApiError

Values = dict[str, Any]

TABLE = "subscription_integrations"
FIND = f"""
SELECT "ApiClientID", "ElevatedRoles", "Url", "CustomAuthHeaderName", "CustomAuthHeaderValue", {HASH_KEY}
FROM {TABLE} WHERE marketplace_id = $1 AND "Active"
"""


@dataclass(frozen=True, slots=True)
class Integration:
    """The integration, ready to be told."""

    url: str
    client_id: str
    elevated: tuple[str, ...]
    credentials: Credentials


async def find_integration(call: Call) -> Integration | None:
    """The marketplace's integration; None unless it is active and has a URL."""
    row = await call.db.fetchrow(FIND, call.marketplace_id)
    if row is None or not (row["Url"] or "").strip():
        return None
    return Integration(
        url=row["Url"].strip().rstrip("/"),
        client_id=row["ApiClientID"],
        elevated=tuple(row["ElevatedRoles"] or ()),
        credentials=read_credentials(call, TABLE, SubscriptionIntegration, row),
    )


async def tell_integration(
    call: Call, integration: Integration, worksheet: Values | None, unavailable: list[str], error_code: str
) -> Values:
    """POST to /success, or to /failure where there is no order; what it answered, as it is kept with the order. To be
    called outside of transactions only.
    """
    token = await _token(call, integration)
    body = encode(
        {
            "Environment": services(call).environment,
            "OrderCloudAccessToken": token,
            "OrderWorksheet": worksheet,
            "UnavailableProductIDs": unavailable,
            "ErrorCode": error_code,
        }
    )
    headers = [*integration.credentials.headers(body), (DELIVERY, call.request_id)]
    suffix = "/failure" if worksheet is None else "/success"
    secrets = integration.credentials.secrets(token)
    url = integration.url + suffix
    send = partial(services(call).outgoing.post, call.marketplace_id, url, body, headers, secrets=secrets)
    answer = await faults.asked(call, SUBSCRIPTIONS, url, send)
    return read_answer(SubscriptionIntegrationResponse, answer, may_be_empty=True)


async def _token(call: Call, integration: Integration) -> str | None:
    """A token of the client's default context user with the elevated roles besides its own, as short and bound as that of an
    event; none where such a user could not log in.
    """
    client = await find_client(call.db, services(call), call.marketplace_id, integration.client_id)
    if client is None or client.default_user is None or not client.active:
        return None
    subject = await subjects.by_key(call.db, client, client.default_user, call.clock())
    if subject is None:
        return None
    try:
        subjects.require_standing(subject, client)
        roles = grant(parse_scope(None), subject.available, client.limits)
    except ApiError:
        return None
    lifetime = elevated_lifetime(client.durations.access_lifetime(is_anonymous=False))
    elevated = roles.union(RoleSet.of(integration.elevated))
    added = tuple(name for name in integration.elevated if name not in roles.names())
    ties = Ties(elevations=(Elevation(Giver.SUBSCRIPTION, added),))
    return sign(call, access_claims(call, client, subject, elevated, lifetime, ties=ties))

"""Webhooks: what is called before or after a request (WH-1 to WH-3, WH-12)."""

from __future__ import annotations

from typing import Any

from entrepot.declare.entity import Entity
from entrepot.declare.feeds import Feed, Feeds
from entrepot.declare.resource import Resource
from entrepot.declare.roles import SELLERS_ONLY, Roles
from entrepot.declare.types import MAX_SECRET, Bool, Id, Text, Xp
from entrepot.declare.wire import Grants, Reference, Wire, column
from entrepot.domain.identity.api_roles import ApiRole
from entrepot.domain.integrations.urls import is_secure
from entrepot.engine.call import Call
from entrepot.features.people.integrations.hooks import IntegrationHooks
from entrepot.features.people.integrations.sealing import sealed_column
from entrepot.features.people.services import services
from entrepot.kernel.errors import (
    NotFoundError,
    WebhookDeliveryConfigError,
    WebhookHashKeyRequiredError,
    WebhookUrlSchemeError,
)

Values = dict[str, Any]

CLIENTS = """
SELECT w.wanted, c."ID" FROM unnest($2::citext[]) WITH ORDINALITY AS w(wanted, place)
LEFT JOIN api_clients c ON c.marketplace_id = $1 AND c."ID" = w.wanted
ORDER BY w.place
"""


class WebhookRoute(Wire):
    """An operation that the webhook hears of: `v1/buyers/{buyerID}` and `PATCH`. Unknown ones never fire (WH-1)."""

    Route: Text = column()
    Verb: Text = column()


class Webhook(Wire):
    """A URL that is called before or after certain requests of certain API clients."""

    ID: Id = column(max=100)
    Name: Text = column(required=True)
    Description: Text = column(max=2000)
    Url: Text = column()
    HashKey: Text = column(stored=False, bound=MAX_SECRET, confidential=True)
    ElevatedRoles: list[ApiRole] = column(grants=Grants())
    ConfigData: Xp = column()
    BeforeProcessRequest: Bool = column()
    ApiClientIDs: list[Text] = column()
    WebhookRoutes: list[WebhookRoute] = column()
    DeliveryConfigID: Id = column(references=Reference("delivery_configs", on_delete="refuse"))
    CustomAuthHeaderName: Text = column()
    CustomAuthHeaderValue: Text = column(write_only=True)


class WebhookHooks(IntegrationHooks):
    """WH-12, and API clients that exist."""

    async def check(self, call: Call, old: Values | None, new: Values) -> None:
        if new["Url"] or not new["DeliveryConfigID"]:
            may_be_local = services(call).environment != "Production"
            if not is_secure(new["Url"] or "", loopback=may_be_local):
                raise WebhookUrlSchemeError
            if not new.get("HashKey"):
                raise WebhookHashKeyRequiredError
        if new["BeforeProcessRequest"] and new["DeliveryConfigID"]:
            raise WebhookDeliveryConfigError
        if old is None or new["ApiClientIDs"] != old["ApiClientIDs"]:
            new["ApiClientIDs"] = await _stored_clients(call, new["ApiClientIDs"])


async def _stored_clients(call: Call, wanted: list[str]) -> list[str]:
    """The IDs as they are stored, each once. Raises NotFoundError (CONV-10)."""
    if not wanted:
        return []
    rows = await call.db.fetch(CLIENTS, call.marketplace_id, wanted)
    for row in rows:
        if row["ID"] is None:
            raise NotFoundError("ApiClient", row["wanted"])
    return list(dict.fromkeys(row["ID"] for row in rows))


WEBHOOK = Entity(
    model=Webhook,
    table="webhooks",
    object_type="Webhook",
    # Who listens is remembered (deliveries/listening.py), and tokens that it has elevated end with their roles.
    feeds=(Feeds(feed=Feed.SECURITY),),
    stored=(sealed_column("HashKey"),),
    keeps={"ApiClientIDs": "API clients keep their IDs"},
)
WEBHOOKS = Resource(
    name="Webhooks",
    entity=WEBHOOK,
    path="/webhooks",
    item="webhookID",
    roles=Roles.named("Webhook"),
    access=SELLERS_ONLY,
    search=("ID", "Name", "Description", "Url"),
    sort=("Name", "ID"),
    hooks=WebhookHooks(WEBHOOK),
)

"""OpenID Connect configurations: settings of single sign-on (OIDC-1 to OIDC-5)."""

from __future__ import annotations

from typing import Any

from entrepot.declare.entity import Entity
from entrepot.declare.resource import Resource
from entrepot.declare.roles import SELLERS_ONLY, Roles
from entrepot.declare.types import MAX_FOREIGN_SECRET, Bool, Id, Text
from entrepot.declare.wire import Reference, Wire, column
from entrepot.engine.call import Call
from entrepot.features.people.integrations.enums import IntegrationEventType
from entrepot.features.people.integrations.hooks import IntegrationHooks
from entrepot.features.people.integrations.references import EVENT_REFERENCE, check_event_types, event_name
from entrepot.features.people.integrations.sealing import sealed_column

Values = dict[str, Any]


class OpenIdConnect(Wire):
    """An identity provider whose users may log in. Its own settings are checked only at a login (OIDC-5)."""

    ID: Id = column(max=100)
    OrderCloudApiClientID: Id = column(required=True, references=Reference("api_clients"))
    ConnectClientID: Text = column(required=True)
    ConnectClientSecret: Text = column(
        required=True, stored=False, bound=MAX_FOREIGN_SECRET, confidential=True
    )
    AppStartUrl: Text = column(required=True)
    AuthorizationEndpoint: Text = column(required=True)
    TokenEndpoint: Text = column(required=True)
    UrlEncoded: Bool = column()
    IntegrationEventID: Id = column(references=EVENT_REFERENCE)
    CallSyncUserIntegrationEvent: Bool = column()
    IntegrationEventName: Text = column(read_only=True, computed=event_name("IntegrationEventID"))
    AdditionalIdpScopes: list[Text] = column()
    CustomErrorUrl: Text = column()


class OpenIdConnectHooks(IntegrationHooks):
    """IE-2"""

    async def check(self, call: Call, old: Values | None, new: Values) -> None:
        needed = {"IntegrationEventID": IntegrationEventType.OPEN_ID_CONNECT.value}
        await check_event_types(call, needed, old, new)


OPEN_ID_CONNECT = Entity(
    model=OpenIdConnect,
    table="open_id_connects",
    object_type="OpenIdConnect",
    stored=(sealed_column("ConnectClientSecret"),),
    keeps={"ConnectClientID": "the identity provider's"},
)
OPEN_ID_CONNECTS = Resource(
    name="OpenIdConnects",
    entity=OPEN_ID_CONNECT,
    path="/openidconnects",
    item="openidconnectID",
    roles=Roles.named("OpenIDConnect"),
    access=SELLERS_ONLY,
    search=("ID",),
    sort=("ID",),
    hooks=OpenIdConnectHooks(OPEN_ID_CONNECT),
)

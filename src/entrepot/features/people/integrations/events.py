"""Integration events: the URLs that checkout, returns, carts and logins ask (IE-1, IE-2)."""

from __future__ import annotations

from typing import Any

from entrepot.declare.entity import Entity
from entrepot.declare.feeds import Feed, Feeds
from entrepot.declare.resource import Resource
from entrepot.declare.roles import SELLERS_ONLY, Roles
from entrepot.declare.types import Id, Text, Xp
from entrepot.declare.wire import Grants, Wire, column
from entrepot.domain.identity.api_roles import ApiRole
from entrepot.engine.call import Call
from entrepot.features.people.integrations.enums import IntegrationEventType
from entrepot.features.people.integrations.hooks import IntegrationHooks
from entrepot.features.people.integrations.in_use import Uses
from entrepot.features.people.integrations.sealing import sealed_column
from entrepot.kernel.errors import (
    IntegrationEventInUseError,
    IntegrationEventTypeFixedError,
)

Values = dict[str, Any]

USES = Uses(
    "integration_events",
    (
        ("api_clients", "OrderCheckoutIntegrationEventID"),
        ("api_clients", "OrderReturnIntegrationEventID"),
        ("api_clients", "AddToCartIntegrationEventID"),
        ("open_id_connects", "IntegrationEventID"),
    ),
    IntegrationEventInUseError,
)


class IntegrationEvent(Wire):
    """A service of the marketplace's own that the server asks at certain moments."""

    ElevatedRoles: list[ApiRole] = column(grants=Grants())
    ID: Id = column(max=100)
    ConfigData: Xp = column()
    EventType: IntegrationEventType = column()
    CustomImplementationUrl: Text = column(required=True)
    CustomAuthHeaderName: Text = column()
    CustomAuthHeaderValue: Text = column(write_only=True)
    Name: Text = column(required=True)
    HashKey: Text = column(required=True, max=50, stored=False, confidential=True)


class IntegrationEventHooks(IntegrationHooks):
    """IE-2. An absent type is the first one on creation, as with any enumeration, and later the one it has."""

    def normalise(self, values: Values, old: Values | None) -> None:
        super().normalise(values, old)
        if values["EventType"] is None:
            values["EventType"] = (
                IntegrationEventType.ORDER_CHECKOUT.value if old is None else old["EventType"]
            )

    async def check(self, call: Call, old: Values | None, new: Values) -> None:
        if old is not None and new["EventType"] != old["EventType"]:
            raise IntegrationEventTypeFixedError

    async def check_delete(self, call: Call, old: Values) -> None:
        await USES.refuse_deletion(call, old["ID"])


INTEGRATION_EVENT = Entity(
    model=IntegrationEvent,
    table="integration_events",
    object_type="IntegrationEvent",
    # Tokens that it has elevated end with their roles.
    feeds=(Feeds(feed=Feed.SECURITY, columns=("ID", "ElevatedRoles"), new_rows=False),),
    stored=(sealed_column("HashKey"),),
)
INTEGRATION_EVENTS = Resource(
    name="IntegrationEvents",
    entity=INTEGRATION_EVENT,
    path="/integrationEvents",
    item="integrationEventID",
    roles=Roles.named("IntegrationEvent"),
    access=SELLERS_ONLY,
    search=("ID", "EventType", "Name"),
    sort=("ID", "EventType", "Name"),
    hooks=IntegrationEventHooks(INTEGRATION_EVENT),
)

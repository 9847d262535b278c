"""The settings of which a marketplace has one: error config, synchronization, inventory, promotions, subscriptions."""

from __future__ import annotations

from typing import Any

from entrepot.declare.entity import Entity, Stored
from entrepot.declare.feeds import Feed, Feeds
from entrepot.declare.resource import Resource
from entrepot.declare.roles import SELLERS_ONLY, Roles
from entrepot.declare.types import MAX_SECRET, Bool, Id, Int, Text, Xp
from entrepot.declare.wire import Grants, Reference, Wire, column
from entrepot.domain.identity.api_roles import ApiRole
from entrepot.engine.call import Call
from entrepot.features.people.integrations.deliveries import DELIVERY_REFERENCE
from entrepot.features.people.integrations.hooks import IntegrationHooks
from entrepot.features.people.integrations.pausing import PausedHooks
from entrepot.features.people.integrations.sealing import sealed_column
from entrepot.features.people.integrations.singletons import SETTING, SETTING_COLUMN, Singleton
from entrepot.kernel.errors import (
    DeletePromotionIntegrationError,
    InventoryDeliveryConfigRequiredError,
    OrderSyncConfigExistsError,
    ProductSyncConfigExistsError,
    PropertyError,
    SubscriptionClientError,
    SubscriptionContextUserError,
    ValidationError,
)

Values = dict[str, Any]

PROMOTION_NEEDS_IT = """
SELECT EXISTS (SELECT 1 FROM promotions WHERE marketplace_id = $1 AND "ValueExpression" IS NULL)
"""
CLIENT = """
SELECT "OrderCheckoutIntegrationEventID", default_context_user_key FROM api_clients
WHERE marketplace_id = $1 AND "ID" = $2 FOR SHARE
"""


class ErrorConfig(Wire):
    """Where failures of asynchronous work are reported (ERR-1)."""

    DeliveryConfigID: Id = column(required=True, references=DELIVERY_REFERENCE)


class ProductSyncConfig(Wire):
    """Where changes of products are reported (SYNC-2, SYNC-3, SYNC-5)."""

    SyncProductChanged: Bool = column(required=True)
    SyncProductDeleted: Bool = column(required=True)
    DeliveryConfigID: Id = column(required=True, references=DELIVERY_REFERENCE)
    ConfigData: Xp = column()
    Paused: Bool = column()
    ExcludePriceSchedules: Bool = column()


class OrderSyncConfig(Wire):
    """Where changes of orders are reported (SYNC-8)."""

    DeliveryConfigID: Id = column(required=True, references=DELIVERY_REFERENCE)
    ConfigData: Xp = column()


class InventoryIntegration(Wire):
    """Where changes of inventory are reported (INV-1, INV-2)."""

    DeliveryConfigID: Id = column(references=DELIVERY_REFERENCE)
    LimitNotifications: Bool = column()


class PromotionIntegration(Wire):
    """What evaluates promotions without an expression of their own (PI-1, PI-2)."""

    HashKey: Text = column(required=True, stored=False, bound=MAX_SECRET, confidential=True)
    Url: Text = column()
    CustomAuthHeaderName: Text = column()
    CustomAuthHeaderValue: Text = column(write_only=True)


class SubscriptionIntegration(Wire):
    """What completes the orders of subscriptions (SUB-1 to SUB-5)."""

    ApiClientID: Id = column(required=True, references=Reference("api_clients", on_delete="refuse"))
    HashKey: Text = column(required=True, stored=False, bound=MAX_SECRET, confidential=True)
    ElevatedRoles: list[ApiRole] = column(grants=Grants())
    Active: Bool = column()
    NotificationDays: Int = column(nullable=True)
    Url: Text = column()
    xp: Xp = column()
    CustomAuthHeaderName: Text = column()
    CustomAuthHeaderValue: Text = column(write_only=True)


class InventoryIntegrationHooks(IntegrationHooks):
    """INV-1"""

    async def check(self, call: Call, old: Values | None, new: Values) -> None:
        if not new["DeliveryConfigID"]:
            raise InventoryDeliveryConfigRequiredError


class PromotionIntegrationHooks(IntegrationHooks):
    """INT-1 of promotions: what they depend on stays."""

    async def check_delete(self, call: Call, old: Values) -> None:
        if await call.db.fetchval(PROMOTION_NEEDS_IT, call.marketplace_id):
            raise DeletePromotionIntegrationError


LISTENS = Feeds(feed=Feed.SECURITY)
"""Who listens is remembered (deliveries/listening.py)."""
ELEVATION = Feeds(feed=Feed.SECURITY, columns=("Active", "ElevatedRoles"), new_rows=False)
"""Tokens that it has elevated end with their roles."""


class SubscriptionIntegrationHooks(IntegrationHooks):
    """SUB-1"""

    async def check(self, call: Call, old: Values | None, new: Values) -> None:
        days = new["NotificationDays"]
        if days is not None and days < 1:
            data = {"Property": "NotificationDays", "Minimum": 1}
            raise ValidationError(PropertyError("NotificationDays cannot be less than 1.", data))
        if old is not None and old["ApiClientID"] == new["ApiClientID"]:
            return
        event_id, context_user = await call.db.fetchrow(CLIENT, call.marketplace_id, new["ApiClientID"]) or (
            None,
            None,
        )
        if event_id is not None:
            raise SubscriptionClientError
        if context_user is None:
            raise SubscriptionContextUserError


def entity(model: type[Wire], table: str, *stored: Stored, feeds: tuple[Feeds, ...] = ()) -> Entity:
    """An entity of which a marketplace has one."""
    return Entity(
        model=model,
        table=table,
        object_type=model.__name__,
        id_column=SETTING,
        stored=(SETTING_COLUMN, *stored),
        feeds=feeds,
    )


def settings_resource(
    name: str, of: Entity, roles: Roles, hooks: type[IntegrationHooks] = IntegrationHooks
) -> Resource:
    """What the settings of one entity have in common."""
    return Resource(
        name=name,
        entity=of,
        path="",
        item=SETTING,
        roles=roles,
        access=SELLERS_ONLY,
        verbs=frozenset(),
        hooks=hooks(of),
    )


def administered(role: str) -> Roles:
    """One role reads and writes."""
    return Roles.of(read=(role,), write=(role,))


HASH_KEY = sealed_column("HashKey")
INTEGRATION_EVENT_ROLES = Roles.named("IntegrationEvent")

SINGLETONS = (
    Singleton(
        resource=settings_resource(
            "ErrorConfigs",
            entity(ErrorConfig, "error_configs", feeds=(LISTENS,)),
            administered("ErrorConfigAdmin"),
        ),
        path="/integrations/ErrorConfig",
        setting="ErrorConfig",
    ),
    Singleton(
        resource=settings_resource(
            "ProductSynchronization",
            entity(ProductSyncConfig, "product_sync_configs", feeds=(LISTENS,)),
            administered("ProductSyncConfigAdmin"),
            PausedHooks,
        ),
        path="/integrations/productsync",
        setting="ProductSync",
        taken=ProductSyncConfigExistsError,
    ),
    Singleton(
        resource=settings_resource(
            "OrderSynchronization",
            entity(OrderSyncConfig, "order_sync_configs", feeds=(LISTENS,)),
            administered("OrderSyncConfigAdmin"),
        ),
        path="/integrations/OrderSync",
        setting="OrderSync",
        taken=OrderSyncConfigExistsError,
    ),
    Singleton(
        resource=settings_resource(
            "InventoryIntegrations",
            entity(InventoryIntegration, "inventory_integrations", feeds=(LISTENS,)),
            INTEGRATION_EVENT_ROLES,
            InventoryIntegrationHooks,
        ),
        path="/integrations/inventory",
        setting="Inventory",
    ),
    Singleton(
        resource=settings_resource(
            "PromotionIntegrations",
            entity(PromotionIntegration, "promotion_integrations", HASH_KEY),
            INTEGRATION_EVENT_ROLES,
            PromotionIntegrationHooks,
        ),
        path="/integrations/promotion",
        setting="Promotion",
    ),
    Singleton(
        resource=settings_resource(
            "SubscriptionIntegrations",
            entity(SubscriptionIntegration, "subscription_integrations", HASH_KEY, feeds=(ELEVATION,)),
            INTEGRATION_EVENT_ROLES,
            SubscriptionIntegrationHooks,
        ),
        path="/integrations/subscription",
        setting="Subscription",
    ),
)

"""What is stored of subscriptions and their items (orders spec section 16)."""

from __future__ import annotations

from entrepot.declare.entity import Entity, Index, Parent, Sorts, Stored
from entrepot.declare.resource import READ, Resource
from entrepot.declare.roles import Roles
from entrepot.features.orders import list_options
from entrepot.features.orders.models.lines import LineItem
from entrepot.features.orders.models.subscriptions import Subscription

SUBSCRIPTION = Entity(
    model=Subscription,
    table="subscriptions",
    object_type="Subscription",
    surrogate=True,
    stored=(
        Stored(name="user_key", type="bigint", nullable=False, references="users"),
        Stored(name="placed_for", type="timestamptz"),
        Stored(name="order_key", type="bigint"),
        Stored(name="unavailable", type="text[]"),
        Stored(name="tried_at", type="timestamptz"),
        Stored(name="reminded_for", type="timestamptz"),
    ),
    indexes=(
        Index("uq_subscriptions_id", '"ID"', unique=True),
        Index("ix_subscriptions_due", '"NextOrderDate"', where='"Active"'),
    ),
    sorts=(Sorts(("ID",), ("FromCompanyID",)), Sorts(("ID",), ("user_key",))),
)
"""`user_key` is FromUserID. The rest is of the period that began at NextOrderDate: `placed_for` is that date once its order
`order_key` was made, which could not have the products `unavailable`; `tried_at` is the last attempt. `reminded_for`: the
NotificationDate of the last reminder.
"""
SUBSCRIPTION_ITEM = Entity(
    model=LineItem,
    table="subscription_items",
    object_type="LineItem",
    parents=(Parent("SubscriptionID", "subscriptions", key="subscription_key"),),
    stored=(
        Stored(name="position", type="bigint", nullable=False, identity=True),
        Stored(name="bundle_id", type="citext"),
    ),
    sorts=(Sorts(("DateAdded",), ("subscription_key",)),),
)
"""Lines of orders to come. `position` and `bundle_id` are those of lines."""
ENTITIES = (SUBSCRIPTION, SUBSCRIPTION_ITEM)

ROLES = Roles.named("Subscription")
MY_ROLES = Roles.of(read=("MeSubscriptionAdmin", "Shopper"), write=("MeSubscriptionAdmin",))
SUBSCRIPTIONS = Resource(
    name="Subscriptions",
    entity=SUBSCRIPTION,
    path="/subscriptions",
    item="subscriptionID",
    roles=ROLES,
    verbs=READ,
    search=("ID", "FromCompanyID", "ToCompanyID", "Interval"),
    sort=(
        "ID",
        "Interval",
        "NextOrderDate",
        "LastOrderDate",
        "DateCreated",
        "EndDate",
        "FromCompanyID",
        "FromUserID",
        "ToCompanyID",
    ),
)
ITEMS = Resource(
    name="SubscriptionItems",
    entity=SUBSCRIPTION_ITEM,
    path="/subscriptions/{subscriptionID}/items",
    item="subscriptionItemID",
    roles=ROLES,
    verbs=READ,
    search=list_options.LINES.search,
    sort=list_options.LINES.sort,
)
"""How these show themselves in lists; not registered, since who sees them is decided first."""

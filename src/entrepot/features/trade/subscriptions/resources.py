"""What is stored of subscriptions and their items (orders spec section 16)."""

from __future__ import annotations

from entrepot.declare.entity import Entity, Index, Parent, Sorts, Stored
from entrepot.declare.named import Named
from entrepot.declare.resource import READ, Resource
from entrepot.declare.roles import Roles
from entrepot.features.trade.orders import list_options
from entrepot.features.trade.orders.companies import TO_SELLER
from entrepot.features.trade.orders.models.lines import LineItem
from entrepot.features.trade.orders.models.subscriptions import Subscription
from entrepot.features.trade.orders.naming import ADDRESS_OF_ORDER, LINE_KEEPS, OF_ORDER, line_names

OF_BUYER = 't."FromCompanyID" = x."BuyerID"'
"""Private cards keep their IDs."""
ADDRESS_OF_ITEM = f"""EXISTS (
    SELECT 1 FROM subscriptions o
    WHERE o.marketplace_id = :marketplace_id AND o.key = t.subscription_key AND {OF_ORDER.format(o="o", m=":marketplace_id")})"""
SUBSCRIPTION = Entity(
    model=Subscription,
    table="subscriptions",
    object_type="Subscription",
    surrogate=True,
    stored=(
        Stored(name="user_key", type="bigint", nullable=False, references="users"),
        TO_SELLER,
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
    names=(
        Named("BillingAddressID", "addresses", ADDRESS_OF_ORDER),
        Named("ShippingAddressID", "addresses", ADDRESS_OF_ORDER),
        Named("Payment.CreditCardID", "credit_cards", OF_BUYER),
        Named("Payment.SpendingAccountID", "spending_accounts", OF_BUYER),
    ),
    keeps={"unavailable": "products that an order lacks, told once it is made"},
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
    indexes=(
        Index(
            "ix_subscription_items_record",
            '"ProductID", "InventoryRecordID"',
            where='"InventoryRecordID" IS NOT NULL',
        ),
    ),
    sorts=(Sorts(("DateAdded",), ("subscription_key",)),),
    names=line_names(ADDRESS_OF_ITEM),
    keeps=LINE_KEEPS
    | {
        "BundleItemID": "an item of the same subscription, which features/trade/subscriptions/items.py renames"
    },
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

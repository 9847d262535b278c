"""Subscriptions."""

from __future__ import annotations

from entrepot.declare.types import Bool, Date, Id, Int, Money, Text, Xp
from entrepot.declare.wire import Reference, Wire, column
from entrepot.features.people.identity.computed import user_of
from entrepot.features.trade.orders.models.enums import PaymentType, SubscriptionInterval

NOTIFICATION_DATE = """
SELECT t."NextOrderDate" - make_interval(hours => 24 * i."NotificationDays") FROM subscription_integrations i
WHERE i.marketplace_id = :marketplace_id
"""
"""SBS-4. Hours, since days of an interval have as many as the database's time zone gives them."""


class SubscriptionPayment(Wire):
    """How the orders of a subscription are paid."""

    Type: PaymentType = column(nullable=True)
    CreditCardID: Id = column()
    SpendingAccountID: Id = column()


class Subscription(Wire):
    """An order that is placed again and again (orders spec section 16)."""

    ID: Id = column()
    Frequency: Int = column(required=True)
    Interval: SubscriptionInterval = column(required=True)
    NextOrderDate: Date = column(required=True, nullable=True)
    LastOrderDate: Date = column(read_only=True, nullable=True)
    NotificationDate: Date = column(read_only=True, nullable=True, computed=NOTIFICATION_DATE)
    DateCreated: Date = column(read_only=True, nullable=True)
    EndDate: Date = column(nullable=True)
    Active: Bool = column(default=True)
    FromCompanyID: Id = column(references=Reference("buyers"))
    FromUserID: Id = column(computed=user_of("user_key"))
    ToCompanyID: Id = column(references=Reference("suppliers", on_delete="follow"))
    Payment: SubscriptionPayment = column()
    BillingAddressID: Id = column()
    ShippingAddressID: Id = column()
    ProjectedSubtotal: Money = column(read_only=True)
    xp: Xp = column()


class SubscriptionIntegrationResponse(Wire):
    """What the subscription integration answered."""

    HttpStatusCode: Int = column(nullable=True)
    UnhandledErrorBody: Text = column()
    xp: Xp = column()
    Succeeded: Bool = column()

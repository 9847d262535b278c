"""What is stored of payments (orders spec section 12)."""

from __future__ import annotations

from entrepot.declare.entity import Entity, Index, Parent, Stored
from entrepot.declare.resource import READ, Resource
from entrepot.declare.roles import Roles
from entrepot.features.orders.models.payments import Payment

PAYMENT = Entity(
    model=Payment,
    table="payments",
    object_type="Payment",
    parents=(Parent("OrderID", "orders", key="order_key"),),
    stored=(
        Stored(name="account_key", type="bigint"),
        Stored(name="debited", type="json"),
    ),
    indexes=(
        Index("ix_payments_account", "account_key", where="account_key IS NOT NULL"),
        Index("ix_payments_return", '"OrderReturnID"', where='"OrderReturnID" IS NOT NULL'),
    ),
)
"""`account_key` is the spending account, whatever becomes of its ID; `debited` is the amount that the account has been
charged with, null as long as the order is not open (PAY-6).
"""
ENTITIES = (PAYMENT,)

PAYMENTS = Resource(
    name="Payments",
    entity=PAYMENT,
    path="/orders/{direction}/{orderID}/payments",
    item="paymentID",
    roles=Roles.of(
        read=("OrderAdmin", "OrderReader", "Shopper"),
        write=("OrderAdmin", "Shopper"),
        assign=("OrderAdmin",),
    ),
    verbs=READ,
    search=("ID", "Description"),
    sort=("DateCreated", "ID", "Type", "CreditCardID", "SpendingAccountID"),
)
"""How payments show themselves; not registered, since their order is found first."""

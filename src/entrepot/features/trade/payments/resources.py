"""What is stored of payments (orders spec section 12)."""

from __future__ import annotations

from entrepot.declare.entity import Entity, Index, Parent, Stored
from entrepot.declare.named import Named
from entrepot.declare.resource import READ, Resource
from entrepot.declare.roles import Roles
from entrepot.features.trade.orders.models.payments import Payment

CARD_OF_ORDER = """EXISTS (
    SELECT 1 FROM orders o
    WHERE o.marketplace_id = :marketplace_id AND o.key = t.order_key AND NOT o.from_seller AND o."FromCompanyID" = x."BuyerID"
      AND NOT EXISTS (SELECT 1 FROM credit_cards own
                      WHERE own.marketplace_id = :marketplace_id AND own.user_key = o.user_key AND own."ID" = x."ID"))"""
"""That a payment is from the card `x` of the order's buyer; private ones keep their IDs."""
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
    names=(
        Named("CreditCardID", "credit_cards", CARD_OF_ORDER),
        Named("SpendingAccountID", "spending_accounts", "t.account_key = :place", indexed=False),
    ),
    keeps={
        "OrderReturnID": "features/trade/returns/store.py renames it with the return",
        "Transactions": "IDs are those of the payment service",
        "debited": "an amount",
    },
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

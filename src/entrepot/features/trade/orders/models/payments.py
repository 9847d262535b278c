"""Payments of orders."""

from __future__ import annotations

from entrepot.declare.types import Bool, Date, Id, Money, Text, Xp
from entrepot.declare.wire import Wire, column
from entrepot.features.trade.orders.models.enums import PaymentType


class PaymentTransaction(Wire):
    """What happened at the payment processor."""

    ID: Id = column(max=100)
    Type: Text = column(required=True)
    DateExecuted: Date = column(required=True)
    Currency: Text = column(max=100)
    Amount: Money = column(nullable=True)
    Succeeded: Bool = column()
    ResultCode: Text = column()
    ResultMessage: Text = column()
    xp: Xp = column()


class Payment(Wire):
    """A part of an order's total and how it is paid (orders spec section 12)."""

    ID: Id = column(max=100)
    Type: PaymentType = column(nullable=True)
    DateCreated: Date = column(read_only=True)
    CreditCardID: Id = column()
    SpendingAccountID: Id = column()
    Description: Text = column(max=2000)
    Currency: Text = column(read_only=True)
    Amount: Money = column(nullable=True)
    Accepted: Bool = column(nullable=True)
    OrderReturnID: Id = column()
    xp: Xp = column()
    Transactions: list[PaymentTransaction] = column(read_only=True)

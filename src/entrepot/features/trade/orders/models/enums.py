"""Enumerations of orders."""

from __future__ import annotations

import enum


class OrderDirection(enum.StrEnum):
    """Which side of an order the caller's company is on (ORD-1)."""

    INCOMING = "Incoming"
    OUTGOING = "Outgoing"
    ALL = "All"


class PaymentType(enum.StrEnum):
    """How a payment is made (PAY-1)."""

    PURCHASE_ORDER = "PurchaseOrder"
    CREDIT_CARD = "CreditCard"
    SPENDING_ACCOUNT = "SpendingAccount"


class SubscriptionInterval(enum.StrEnum):
    """The unit of a subscription's frequency."""

    DAYS = "Days"
    WEEKS = "Weeks"
    MONTHS = "Months"

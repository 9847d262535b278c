"""Order returns."""

from __future__ import annotations

from entrepot.declare.types import Date, Id, Int, Money, Text, Xp
from entrepot.declare.wire import Wire, column
from entrepot.domain.orders.approvals import ApprovalStatus
from entrepot.domain.orders.status import OrderStatus
from entrepot.features.people.identity.resources import User

PAYMENT_IDS = """
SELECT coalesce(array_agg(CAST(p."ID" AS text) ORDER BY p."DateCreated", p."ID"), ARRAY[]::text[]) FROM payments p
WHERE p.marketplace_id = :marketplace_id AND p.order_key = t.order_key AND p."OrderReturnID" = t."ID"
"""
"""The payments that refund a return (RET-7), the oldest first."""


class OrderReturnItem(Wire):
    """How much of a line comes back, and what is refunded for it."""

    LineItemID: Id = column(required=True)
    Quantity: Int = column(minimum=0)
    RefundAmount: Money = column(nullable=True)
    Comments: Text = column(max=500)


class OrderReturn(Wire):
    """Goods that go back and money for them (orders spec section 14)."""

    ID: Id = column(max=100)
    OrderID: Id = column(required=True)
    PaymentIDs: list[Text] = column(read_only=True, computed=PAYMENT_IDS)
    Status: OrderStatus = column(read_only=True)
    DateCreated: Date = column(read_only=True, nullable=True)
    DateSubmitted: Date = column(read_only=True, nullable=True)
    DateApproved: Date = column(read_only=True, nullable=True)
    DateDeclined: Date = column(read_only=True, nullable=True)
    DateCanceled: Date = column(read_only=True, nullable=True)
    DateCompleted: Date = column(read_only=True, nullable=True)
    LastUpdated: Date = column(read_only=True)
    RefundAmount: Money = column(nullable=True)
    Comments: Text = column(max=2000)
    ItemsToReturn: list[OrderReturnItem] = column()
    xp: Xp = column()


class OrderReturnApproval(Wire):
    """One seller rule's demand on one return, and what became of it."""

    OrderReturnID: Id = column()
    ApprovalRuleID: Id = column(read_only=True)
    ApprovingGroupID: Id = column(read_only=True)
    Status: ApprovalStatus = column(read_only=True)
    DateCreated: Date = column(read_only=True)
    DateCompleted: Date = column(read_only=True, nullable=True)
    Approver: User = column(read_only=True)
    Comments: Text = column(read_only=True)

"""Group orders."""

from __future__ import annotations

from entrepot.declare.types import Date, Id, Text, Xp
from entrepot.declare.wire import Wire, column
from entrepot.domain.orders.status import OrderStatus

OF_ORDER = """SELECT o."{}" FROM orders o WHERE o.marketplace_id = :marketplace_id AND o.key = t.order_key"""


class GroupOrderInvitation(Wire):
    """Lets others add lines to one order (orders spec section 15)."""

    ID: Id = column(read_only=True)
    ExpirationDate: Date = column(required=True, nullable=True)
    Name: Text = column(max=100)
    OrderID: Id = column(required=True, computed=OF_ORDER.format("ID"))
    OrderStatus: OrderStatus = column(read_only=True, computed=OF_ORDER.format("Status"))
    xp: Xp = column()

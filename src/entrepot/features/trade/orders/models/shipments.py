"""Shipments."""

from __future__ import annotations

from entrepot.declare.types import Date, Id, Int, Money, Text, Xp
from entrepot.declare.wire import Reference, Wire, column
from entrepot.features.people.company_assets.resources import Address
from entrepot.features.trade.orders.models.lines import LineItemProduct, LineItemSpec, LineItemVariant


class Shipment(Wire):
    """Goods on their way to one buyer, from lines of any of its orders (orders spec section 13)."""

    ID: Id = column(max=100)
    BuyerID: Id = column(references=Reference("buyers", on_delete="cascade"))
    Shipper: Text = column()
    DateShipped: Date = column(nullable=True)
    DateDelivered: Date = column(nullable=True)
    TrackingNumber: Text = column(max=3000)
    Cost: Money = column(nullable=True)
    OwnerID: Id = column(references=Reference("suppliers", on_delete="hand_over"))
    xp: Xp = column()
    Account: Text = column()
    FromAddressID: Id = column()
    ToAddressID: Id = column()
    FromAddress: Address = column(read_only=True)
    ToAddress: Address = column(read_only=True)


class ShipmentItem(Wire):
    """How much of a line is in a shipment; the rest mirrors the line (SHP-2)."""

    OrderID: Id = column(required=True)
    LineItemID: Id = column(required=True)
    QuantityShipped: Int = column(required=True)
    UnitPrice: Money = column(read_only=True, nullable=True)
    CostCenter: Text = column(read_only=True)
    DateNeeded: Date = column(read_only=True, nullable=True)
    Product: LineItemProduct = column(read_only=True)
    Variant: LineItemVariant = column(read_only=True)
    Specs: list[LineItemSpec] = column(read_only=True)
    xp: Xp = column(read_only=True)

"""Line items of orders and subscriptions."""

from __future__ import annotations

from entrepot.declare.types import Bool, Date, Id, Int, Money, Text, Xp
from entrepot.declare.wire import Reference, Wire, column
from entrepot.domain.pricing.markups import PriceMarkupType
from entrepot.features.people.company_assets.resources import Address
from entrepot.features.trade.orders.models.orders import Order


class LineItemProduct(Wire):
    """The product of a line, as much as is kept with the order (LI-4)."""

    ID: Id = column(max=100)
    Name: Text = column()
    Description: Text = column()
    Returnable: Bool = column()
    QuantityMultiplier: Int = column()
    ShipWeight: Money = column(nullable=True)
    ShipHeight: Money = column(nullable=True)
    ShipWidth: Money = column(nullable=True)
    ShipLength: Money = column(nullable=True)
    DefaultSupplierID: Id = column()
    ParentID: Id = column()
    xp: Xp = column()


class LineItemVariant(Wire):
    """The variant that the options of a line pick."""

    ID: Id = column(max=100)
    Name: Text = column()
    Description: Text = column()
    ShipWeight: Money = column(nullable=True)
    ShipHeight: Money = column(nullable=True)
    ShipWidth: Money = column(nullable=True)
    ShipLength: Money = column(nullable=True)
    xp: Xp = column()


class LineItemSpec(Wire):
    """A choice: an option, or free text (LI-3)."""

    SpecID: Id = column(required=True)
    Name: Text = column(read_only=True)
    OptionID: Id = column()
    Value: Text = column(max=2000)
    PriceMarkupType: PriceMarkupType = column(nullable=True)
    PriceMarkup: Money = column(nullable=True)


class LineItem(Wire):
    """A quantity of one product at one price (orders spec sections 4 and 5)."""

    ID: Id = column(max=100)
    ProductID: Id = column(required=True, references=Reference("products", on_delete="follow"))
    Quantity: Int = column(default=1)
    BundleItemID: Id = column(read_only=True)
    IsBundle: Bool = column(read_only=True)
    DateAdded: Date = column(read_only=True)
    QuantityShipped: Int = column(read_only=True)
    UnitPrice: Money = column(nullable=True)
    PromotionDiscount: Money = column(read_only=True)
    LineTotal: Money = column(read_only=True)
    LineSubtotal: Money = column(read_only=True)
    CostCenter: Text = column()
    DateNeeded: Date = column(nullable=True)
    ShippingAccount: Text = column()
    ShippingAddressID: Id = column()
    ShipFromAddressID: Id = column()
    Product: LineItemProduct = column(read_only=True)
    Variant: LineItemVariant = column(read_only=True)
    ShippingAddress: Address = column(read_only=True)
    ShipFromAddress: Address = column(read_only=True)
    SupplierID: Id = column(read_only=True)
    InventoryRecordID: Id = column()
    PriceScheduleID: Id = column(read_only=True)
    IsOnSale: Bool = column(read_only=True)
    PriceOverridden: Bool = column(read_only=True)
    Specs: list[LineItemSpec] = column()
    IncomingOrderID: Id = column(read_only=True)
    OutgoingOrderID: Id = column(read_only=True)
    InvitationID: Id = column(read_only=True)
    xp: Xp = column()
    BaseDiscount: Money = column()
    DiscountID: Id = column()


class ExtendedLineItem(Wire, then=LineItem):
    """A line with its order, as the list across orders has it (LST-4)."""

    OrderID: Id = column()
    Order: Order = column()


class BundleItems(Wire):
    """What is taken of a bundle (LI-7)."""

    LineItems: list[LineItem] = column()

"""Products and their sellers as shoppers see them (SHP-4, SHP-6)."""

from __future__ import annotations

from entrepot.declare.types import Bool, Date, Id, Int, Money, Text, Xp
from entrepot.declare.wire import Wire, column
from entrepot.features.catalog.pricing.resources import PriceBreak, PriceSchedule
from entrepot.features.catalog.products.resources import SHIP_FROM, Inventory


class DiscountedPrices(Wire):
    """The prices of a break with the shopper's discount taken off (DSC-2)."""

    Price: Money = column()
    SalePrice: Money = column(nullable=True)
    SubscriptionPrice: Money = column(nullable=True)
    BundlePrice: Money = column(nullable=True)
    Percent: Money = column()


class BuyerDiscount(Wire):
    """The discount that the prices have."""

    ID: Id = column()
    Description: Text = column()


class BuyerPriceBreak(Wire, then=PriceBreak):
    """A price break, with the discounted prices where a discount reaches it."""

    Discounted: DiscountedPrices = column()


class BuyerPriceSchedule(Wire, then=PriceSchedule):
    """The price schedule that holds for a shopper."""

    PriceBreaks: list[BuyerPriceBreak] = column()
    Discount: BuyerDiscount = column()


class BuyerProduct(Wire):
    """A product with the price schedule that holds for the shopper."""

    PriceSchedule: BuyerPriceSchedule = column(read_only=True)
    ID: Id = column(max=100)
    ParentID: Id = column()
    IsParent: Bool = column()
    IsBundle: Bool = column(read_only=True)
    Name: Text = column(required=True, max=100)
    Description: Text = column(max=2000)
    QuantityMultiplier: Int = column(nullable=True, default=1, minimum=1)
    ShipWeight: Money = column(nullable=True)
    ShipHeight: Money = column(nullable=True)
    ShipWidth: Money = column(nullable=True)
    ShipLength: Money = column(nullable=True)
    Active: Bool = column()
    SpecCount: Int = column(read_only=True)
    VariantCount: Int = column(read_only=True)
    ShipFromAddressID: Id = column(computed=SHIP_FROM)
    Inventory: Inventory = column()
    DefaultSupplierID: Id = column()
    AllSuppliersCanSell: Bool = column()
    Returnable: Bool = column()
    DateCreated: Date = column(read_only=True, nullable=True)
    xp: Xp = column()


class ProductSeller(Wire):
    """A company that sells a product to the shopper, with its price."""

    PriceSchedule: BuyerPriceSchedule = column()
    ID: Id = column()
    Name: Text = column(max=100)

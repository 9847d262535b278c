"""Products and their sellers as shoppers see them (SHP-4, SHP-6)."""

from __future__ import annotations

from entrepot.declare.types import Bool, Date, Id, Int, Money, Text, Xp
from entrepot.declare.wire import Wire, column
from entrepot.features.pricing.resources import PriceSchedule
from entrepot.features.products.resources import SHIP_FROM, Inventory


class BuyerProduct(Wire):
    """A product with the price schedule that holds for the shopper."""

    PriceSchedule: PriceSchedule = column(read_only=True)
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

    PriceSchedule: PriceSchedule = column()
    ID: Id = column()
    Name: Text = column(max=100)

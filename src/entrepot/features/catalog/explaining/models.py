"""The explanation of a product as the API shows it."""

from __future__ import annotations

from entrepot.declare.types import Bool, Id, Int, Money, Text
from entrepot.declare.wire import Wire, column
from entrepot.features.people.explaining.models import ExplainedStep


class ProductExplanation(Wire):
    """Whether a user sees a product and at which price, with the steps to it. Reason: the step that decides. Visible: what
    Me.GetProduct would say; with a catalog, what Me.ListProducts would. PriceScheduleID: null where no price holds for the user, who
    then sees the product and cannot order it. UnitPrice: at Quantity, before options, with DiscountPercent off.
    """

    ProductID: Id = column(read_only=True)
    BuyerID: Id = column(read_only=True)
    UserID: Id = column(read_only=True)
    CatalogID: Id = column(read_only=True, nullable=True)
    SellerID: Id = column(read_only=True, nullable=True)
    Visible: Bool = column(read_only=True)
    Complete: Bool = column(
        read_only=True,
        description="Whether the steps were made of all rows that concern the user; else a step says which were cut.",
    )
    Reason: Text = column(read_only=True, required=True)
    Currency: Text = column(read_only=True, nullable=True)
    PriceScheduleID: Id = column(read_only=True, nullable=True)
    Quantity: Int = column(read_only=True, nullable=True)
    UnitPrice: Money = column(read_only=True, nullable=True)
    IsOnSale: Bool = column(read_only=True)
    DiscountID: Id = column(read_only=True, nullable=True)
    DiscountPercent: Money = column(read_only=True, nullable=True)
    QuantityAvailable: Int = column(read_only=True, nullable=True)
    Steps: list[ExplainedStep] = column(read_only=True)

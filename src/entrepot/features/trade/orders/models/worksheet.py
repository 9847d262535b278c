"""The order worksheet: an order with all that belongs to it, and what integrations said (CHK-1)."""

from __future__ import annotations

from entrepot.declare.types import Bool, Id, Int, Money, Text, Xp
from entrepot.declare.wire import Wire, column
from entrepot.features.trade.orders.models.lines import LineItem
from entrepot.features.trade.orders.models.orders import Order
from entrepot.features.trade.orders.models.promotions import OrderPromotion
from entrepot.features.trade.orders.models.subscriptions import Subscription, SubscriptionIntegrationResponse


class AdHocProduct(Wire):
    """A product that only an integration knows (AHP-1)."""

    ID: Id = column()
    Name: Text = column(required=True, max=100)
    Description: Text = column(max=2000)
    QuantityMultiplier: Int = column(nullable=True, default=1)
    ShipWeight: Money = column(nullable=True)
    ShipHeight: Money = column(nullable=True)
    ShipWidth: Money = column(nullable=True)
    ShipLength: Money = column(nullable=True)
    DefaultSupplierID: Id = column()
    Returnable: Bool = column()
    xp: Xp = column()


class ShipEstimateItem(Wire):
    """How much of a line an estimate covers."""

    LineItemID: Id = column()
    Quantity: Int = column()


class ShipMethod(Wire):
    """One way to ship, and its cost."""

    ID: Text = column()
    Name: Text = column()
    Cost: Money = column()
    EstimatedTransitDays: Int = column()
    xp: Xp = column()


class ShipEstimate(Wire):
    """Lines that ship together, and the ways to ship them."""

    ID: Text = column()
    xp: Xp = column()
    SelectedShipMethodID: Text = column()
    ShipEstimateItems: list[ShipEstimateItem] = column()
    ShipMethods: list[ShipMethod] = column()


class ShipEstimateResponse(Wire):
    """What the checkout integration answered to an estimate (CHK-4)."""

    ShipEstimates: list[ShipEstimate] = column()
    HttpStatusCode: Int = column(nullable=True)
    UnhandledErrorBody: Text = column()
    xp: Xp = column()
    Succeeded: Bool = column()


class ShipMethodSelection(Wire):
    """The choice of one ship method."""

    ShipEstimateID: Text = column(required=True)
    ShipMethodID: Text = column(required=True)


class OrderShipMethodSelection(Wire):
    """The choices for an order (CHK-5)."""

    ShipMethodSelections: list[ShipMethodSelection] = column()


class PromotionOverride(Wire):
    """The amount of a promotion as the integration wants it."""

    PromotionID: Id = column()
    Amount: Money = column()


class LineItemOverride(Wire):
    """What the integration changes of a line (CHK-6)."""

    LineItemID: Id = column()
    UnitPrice: Money = column(nullable=True)
    Product: AdHocProduct = column()
    PromotionOverrides: list[PromotionOverride] = column()
    InventoryRecordID: Id = column()
    Remove: Bool = column(nullable=True)


class OrderCalculateResponse(Wire):
    """What the checkout integration answered to a calculation (CHK-6)."""

    LineItemOverrides: list[LineItemOverride] = column()
    ShippingTotal: Money = column(nullable=True)
    TaxTotal: Money = column(nullable=True)
    FeeTotal: Money = column(nullable=True)
    HttpStatusCode: Int = column(nullable=True)
    UnhandledErrorBody: Text = column()
    xp: Xp = column()
    Succeeded: Bool = column()


class OrderSubmitResponse(Wire):
    """What the checkout integration answered to a submit."""

    HttpStatusCode: Int = column(nullable=True)
    UnhandledErrorBody: Text = column()
    xp: Xp = column()
    Succeeded: Bool = column()


class OrderSubmitForApprovalResponse(Wire):
    """What the checkout integration answered to a submit that waits for approval."""

    HttpStatusCode: Int = column(nullable=True)
    UnhandledErrorBody: Text = column()
    xp: Xp = column()
    Succeeded: Bool = column()


class OrderApprovedResponse(Wire):
    """What the checkout integration answered to the final approval."""

    HttpStatusCode: Int = column(nullable=True)
    UnhandledErrorBody: Text = column()
    xp: Xp = column()
    Succeeded: Bool = column()


class OrderWorksheet(Wire):
    """Everything about an order. A cart that is not there has a worksheet too, of nulls (CART-2)."""

    Order: Order = column()
    LineItems: list[LineItem] = column(nullable=True)
    OrderPromotions: list[OrderPromotion] = column(nullable=True)
    Subscription: Subscription = column()
    ShipEstimateResponse: ShipEstimateResponse = column()
    OrderCalculateResponse: OrderCalculateResponse = column()
    OrderSubmitResponse: OrderSubmitResponse = column()
    OrderSubmitForApprovalResponse: OrderSubmitForApprovalResponse = column()
    OrderApprovedResponse: OrderApprovedResponse = column()
    SubscriptionIntegrationResponse: SubscriptionIntegrationResponse = column()

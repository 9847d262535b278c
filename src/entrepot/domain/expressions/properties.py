"""The properties that paths may name first (EXPR-13): those of the contract's models, as these spell them by how they are found, in
lower case.
"""

from __future__ import annotations

from collections.abc import Mapping

Properties = Mapping[str, str]


def _names(text: str) -> Properties:
    return {name.lower(): name for name in text.split()}


ORDER = _names("""
    ID FromUser FromCompanyID ToCompanyID FromUserID BillingAddressID BillingAddress ShippingAddressID Comments
    LineItemCount Status DateCreated DateSubmitted DateApproved DateDeclined DateCanceled DateCompleted LastUpdated
    Subtotal ShippingCost TaxCost Gratuity Fees PromotionDiscount Currency Total IsSubmitted SubscriptionID xp
    BaseDiscount""")
LINE_ITEM = _names("""
    ID ProductID Quantity BundleItemID IsBundle DateAdded QuantityShipped UnitPrice PromotionDiscount LineTotal
    LineSubtotal CostCenter DateNeeded ShippingAccount ShippingAddressID ShipFromAddressID Product Variant
    ShippingAddress ShipFromAddress SupplierID InventoryRecordID PriceScheduleID IsOnSale PriceOverridden Specs
    IncomingOrderID OutgoingOrderID InvitationID xp BaseDiscount DiscountID""")
LINE_ITEM_PRODUCT = _names("""
    ID Name Description Returnable QuantityMultiplier ShipWeight ShipHeight ShipWidth ShipLength DefaultSupplierID
    ParentID xp Inventory""")
"""`Inventory` is no property of a line's product; `Product.Inventory.QuantityAvailable` is read all the same."""
ORDER_RETURN = _names("""
    ID OrderID PaymentIDs Status DateCreated DateSubmitted DateApproved DateDeclined DateCanceled DateCompleted
    LastUpdated RefundAmount Comments ItemsToReturn xp""")

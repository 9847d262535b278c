"""The properties that paths may name first (EXPR-13), in lower case: those of the contract's models."""

from __future__ import annotations


def _names(text: str) -> frozenset[str]:
    return frozenset(text.lower().split())


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

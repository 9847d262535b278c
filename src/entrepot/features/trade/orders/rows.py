"""The rows of orders and of their lines, as use cases hold them: the stored columns, JSON as values.

tests/storage/test_rows.py holds them against the declarations. Wire names are properties, the others of the server alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, TypedDict, cast

Values = dict[str, Any]


class OrderRow(TypedDict):
    """A row of `orders`. What has no `None` is there of every order, whether or not its column may be null."""

    key: int
    ID: str
    FromUser: Values
    FromCompanyID: str
    ToCompanyID: str
    FromUserID: str
    BillingAddressID: str | None
    BillingAddress: Values | None
    ShippingAddressID: str | None
    Comments: str | None
    LineItemCount: int
    Status: str
    DateCreated: datetime
    DateSubmitted: datetime | None
    DateApproved: datetime | None
    DateDeclined: datetime | None
    DateCanceled: datetime | None
    DateCompleted: datetime | None
    LastUpdated: datetime
    Subtotal: Decimal
    ShippingCost: Decimal
    TaxCost: Decimal
    Gratuity: Decimal
    Fees: Decimal
    PromotionDiscount: Decimal
    Currency: str | None
    Total: Decimal
    IsSubmitted: bool
    SubscriptionID: str | None
    xp: Any
    BaseDiscount: Decimal
    user_key: int
    from_seller: bool
    to_seller: bool
    from_user_changes: Values | None
    shipping_address: Values | None
    designated: bool
    has_promotions: bool
    guest: bool
    origin_key: int | None
    completed_by_shipping: bool
    ship_estimate: Values | None
    calculation: Values | None
    submit_response: Values | None
    approval_response: Values | None
    approved_response: Values | None
    subscription_response: Values | None


class LineRow(TypedDict):
    """A row of `line_items`."""

    order_key: int
    ID: str
    ProductID: str
    Quantity: int
    BundleItemID: str | None
    IsBundle: bool
    DateAdded: datetime
    QuantityShipped: int
    UnitPrice: Decimal | None
    PromotionDiscount: Decimal
    LineTotal: Decimal
    LineSubtotal: Decimal
    CostCenter: str | None
    DateNeeded: datetime | None
    ShippingAccount: str | None
    ShippingAddressID: str | None
    ShipFromAddressID: str | None
    Product: Values | None
    Variant: Values | None
    ShippingAddress: Values | None
    ShipFromAddress: Values | None
    SupplierID: str | None
    InventoryRecordID: str | None
    PriceScheduleID: str | None
    IsOnSale: bool
    PriceOverridden: bool
    Specs: list[Values]
    IncomingOrderID: str | None
    OutgoingOrderID: str | None
    InvitationID: str | None
    xp: Any
    BaseDiscount: Decimal
    DiscountID: str | None
    position: int
    bundle_id: str | None
    ad_hoc: bool
    calculated: Values | None
    source_order_key: int | None
    source_line_id: str | None


def by_name(row: Mapping[str, object]) -> Values:
    """The same row, for what goes by names that are known at run time alone."""
    return cast(Values, row)

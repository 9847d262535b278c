"""What the lists of orders and of lines search and sort by, heaviest first (orders spec section 18)."""

from __future__ import annotations

from entrepot.declare.operation import ListOptions

ORDERS = ListOptions(
    search=("ID", "FromCompanyID", "ToCompanyID", "Comments"),
    sort=(
        "DateSubmitted",
        "DateCreated",
        "ID",
        "FromCompanyID",
        "ToCompanyID",
        "FromUserID",
        "Status",
        "DateApproved",
        "DateDeclined",
        "DateCanceled",
        "DateCompleted",
        "LastUpdated",
        "Subtotal",
        "ShippingCost",
        "TaxCost",
        "Gratuity",
        "Fees",
        "PromotionDiscount",
        "Total",
        "IsSubmitted",
    ),
    premium=True,
)
LINES = ListOptions(search=("ID", "ProductID"), sort=("DateAdded", "ID", "ProductID"))
LINES_ACROSS = ListOptions(search=LINES.search, sort=LINES.sort, premium=True)

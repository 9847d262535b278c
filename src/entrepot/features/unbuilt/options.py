"""The options of the lists of the order side: what they search and sort by."""

from __future__ import annotations

from dataclasses import replace

from entrepot.declare.operation import ListOptions
from entrepot.features.orders import list_options

LINES, LINES_ACROSS, ORDERS = list_options.LINES, list_options.LINES_ACROSS, list_options.ORDERS
APPROVABLE_ORDERS = replace(ORDERS, premium=False)
PAYMENTS = ListOptions(
    search=("ID", "Description"), sort=("DateCreated", "ID", "Type", "CreditCardID", "SpendingAccountID")
)
PROMOTION_SEARCH = (
    "ID",
    "Name",
    "Code",
    "Description",
    "FinePrint",
    "EligibleExpression",
    "ValueExpression",
)
PROMOTION_SORT = (
    "StartDate",
    "ExpirationDate",
    "EligibleExpression",
    "ValueExpression",
    "CanCombine",
    "AutoApply",
    "Active",
    "Priority",
)
ELIGIBLE_PROMOTIONS = ListOptions(search=PROMOTION_SEARCH, sort=("Name", "ID", "Code", *PROMOTION_SORT))
ORDER_PROMOTIONS = ListOptions(
    search=PROMOTION_SEARCH, sort=("Name", "ID", "Code", "DateApplied", *PROMOTION_SORT)
)
APPROVALS = ListOptions(
    search=("ApprovalRuleID", "ApprovingGroupID", "Approver", "Comments"),
    sort=(
        "DateCreated",
        "AllowResubmit",
        "ApprovalRuleID",
        "ApprovingGroupID",
        "Status",
        "DateCompleted",
        "Approver",
    ),
)
RETURN_APPROVALS = ListOptions(
    search=APPROVALS.search,
    sort=("DateCreated", "ApprovalRuleID", "ApprovingGroupID", "Status", "DateCompleted", "Approver"),
)
APPROVERS = ListOptions(
    search=("ID", "Username", "LastName", "FirstName", "Email"),
    sort=(
        "LastName",
        "FirstName",
        "Username",
        "ID",
        "Email",
        "DateCreated",
        "LastActive",
        "PasswordLastSetDate",
    ),
)
SHIPMENTS = ListOptions(
    search=("ID", "BuyerID", "Shipper", "DateShipped", "DateDelivered", "TrackingNumber"),
    sort=("DateShipped", "OwnerID", "ID", "BuyerID", "Shipper", "DateDelivered", "Cost"),
)
SHIPMENT_ITEMS = ListOptions(sort=("OrderID", "LineItemID"))
RETURNS = ListOptions(
    search=("ID", "OrderID"),
    sort=(
        "DateSubmitted",
        "DateCreated",
        "ID",
        "OrderID",
        "DateApproved",
        "DateDeclined",
        "DateCanceled",
        "DateCompleted",
        "LastUpdated",
    ),
)

"""Orders and their approvals."""

from __future__ import annotations

from entrepot.declare.types import Bool, Date, Id, Int, Money, Secret, Text, Xp
from entrepot.declare.wire import Reference, Wire, column
from entrepot.domain.orders.approvals import ApprovalStatus
from entrepot.domain.orders.status import OrderStatus
from entrepot.features.people.company_assets.resources import Address
from entrepot.features.people.configuration.resources import Locale
from entrepot.features.people.identity.resources import User


class OrderUser(Wire):
    """The user an order is from: as it is while the order is unsubmitted, as it was ever after."""

    ID: Id = column()
    CompanyID: Id = column(read_only=True)
    Username: Text = column(required=True)
    Password: Secret = column(write_only=True)
    FirstName: Text = column(required=True, max=100)
    LastName: Text = column(required=True, max=100)
    Email: Text = column(required=True, max=200)
    Phone: Text = column(max=100)
    TermsAccepted: Date = column(nullable=True)
    Active: Bool = column(required=True)
    xp: Xp = column()
    AvailableRoles: list[Text] = column(read_only=True)
    Locale: Locale = column(read_only=True)
    DateCreated: Date = column(read_only=True, nullable=True)
    LastActive: Date = column(read_only=True, nullable=True)
    PasswordLastSetDate: Date = column(read_only=True, nullable=True)


class Order(Wire):
    """What one company orders from another (orders spec sections 1 to 4)."""

    ID: Id = column(max=100)
    FromUser: OrderUser = column(read_only=True)
    FromCompanyID: Id = column(references=Reference("buyers", on_delete="follow"))
    ToCompanyID: Id = column(references=Reference("suppliers", on_delete="follow"))
    FromUserID: Id = column()
    BillingAddressID: Id = column()
    BillingAddress: Address = column(read_only=True)
    ShippingAddressID: Id = column()
    Comments: Text = column(max=2000)
    LineItemCount: Int = column(read_only=True)
    Status: OrderStatus = column(read_only=True)
    DateCreated: Date = column(read_only=True, nullable=True)
    DateSubmitted: Date = column(read_only=True, nullable=True)
    DateApproved: Date = column(read_only=True, nullable=True)
    DateDeclined: Date = column(read_only=True, nullable=True)
    DateCanceled: Date = column(read_only=True, nullable=True)
    DateCompleted: Date = column(read_only=True, nullable=True)
    LastUpdated: Date = column(read_only=True)
    Subtotal: Money = column(read_only=True)
    ShippingCost: Money = column()
    TaxCost: Money = column()
    Gratuity: Money = column()
    Fees: Money = column(read_only=True)
    PromotionDiscount: Money = column(read_only=True)
    Currency: Text = column(read_only=True)
    Total: Money = column(read_only=True)
    IsSubmitted: Bool = column(read_only=True)
    SubscriptionID: Id = column(read_only=True)
    xp: Xp = column()
    BaseDiscount: Money = column()


class OrderApprovalInfo(Wire):
    """What an approver says of an order."""

    AllowResubmit: Bool = column()
    Comments: Text = column(max=2000)


class ApprovalInfo(Wire):
    """What an approver says of an order return."""

    Comments: Text = column(max=2000)


class OrderApproval(Wire):
    """One rule's demand on one order, and what became of it (APR-2)."""

    AllowResubmit: Bool = column(read_only=True)
    ApprovalRuleID: Id = column(read_only=True)
    ApprovingGroupID: Id = column(read_only=True)
    Status: ApprovalStatus = column(read_only=True)
    DateCreated: Date = column(read_only=True)
    DateCompleted: Date = column(read_only=True, nullable=True)
    Approver: User = column(read_only=True)
    Comments: Text = column(read_only=True)


class OrderSplitResult(Wire):
    """The orders to suppliers that a split or a forward made, and the lines that no supplier delivers (FWD-1)."""

    OutgoingOrders: list[Order] = column()
    RemainingLineItemIDs: list[Text] = column()


class ApiError(Wire):
    """One entry of a refusal, as an answer of another kind tells it (ERR-1)."""

    ErrorCode: Text = column()
    Message: Text = column()
    Data: Xp = column()


class UnavailableLineItem(Wire):
    """A line that could not be ordered again, and why."""

    ProductID: Id = column()
    Error: ApiError = column()


class OrderRepeatResponse(Wire):
    """The new order, and the lines that it lacks."""

    Order: Order = column()
    UnavailableItems: list[UnavailableLineItem] = column()

"""Promotions on orders: copies of a promotion with what it takes off."""

from __future__ import annotations

from entrepot.declare.types import Bool, Date, Id, Int, Money, Text, Xp
from entrepot.declare.wire import Reference, Wire, column


class _Terms(Wire):
    """The properties of a promotion as answers repeat them."""

    ID: Id = column()
    LineItemLevel: Bool = column()
    Code: Text = column(required=True)
    Name: Text = column(max=100)
    RedemptionLimit: Int = column(nullable=True)
    RedemptionLimitPerUser: Int = column(nullable=True)
    RedemptionCount: Int = column(read_only=True)
    QuantityLimitPerOrder: Int = column(nullable=True)
    ItemLimitPerOrder: Int = column(nullable=True)
    ItemSortBy: Text = column()
    Description: Text = column(max=2000)
    FinePrint: Text = column()
    StartDate: Date = column(nullable=True)
    ExpirationDate: Date = column(nullable=True)
    EligibleExpression: Text = column(required=True)
    ValueExpression: Text = column()
    CanCombine: Bool = column()
    AllowAllBuyers: Bool = column()
    OwnerID: Id = column()
    AutoApply: Bool = column()
    Active: Bool = column(default=True)
    UseIntegration: Bool = column()
    Priority: Int = column(nullable=True)
    xp: Xp = column()
    GeneratedCodeCount: Int = column()
    GeneratedCodeLength: Int = column()
    GeneratedCodePrefix: Text = column()


class _KeptTerms(_Terms):
    """The same with the limits that a stored promotion has."""

    ID: Id = column(max=100)
    Code: Text = column(required=True, max=100)
    FinePrint: Text = column(max=2000)
    EligibleExpression: Text = column(required=True, max=400)
    ValueExpression: Text = column(max=1000)


class OrderPromotion(Wire, then=_KeptTerms):
    """A promotion that is applied to an order, or to one of its lines."""

    Amount: Money = column(read_only=True)
    LineItemID: Id = column(read_only=True)
    AmountOverridden: Bool = column(read_only=True)
    DateApplied: Date = column(read_only=True, nullable=True)


class EligiblePromotion(Wire, then=_Terms):
    """A promotion that an order could have."""

    Amount: Money = column(read_only=True)


class AddedPromo(Wire, then=_Terms):
    """A promotion that a refresh has applied."""

    LineItemID: Id = column()
    Amount: Money = column()


class RemovedPromo(Wire, then=_Terms):
    """A promotion that a refresh has taken away, and why."""

    ErrorCode: Text = column()
    Reason: Text = column()
    LineItemID: Id = column()
    Amount: Money = column()


class RefreshPromosResponse(Wire):
    """What a refresh of promotions changed."""

    PromosAdded: list[AddedPromo] = column()
    PromosRemoved: list[RemovedPromo] = column()


class AppliedPromotion(Wire):
    """What is stored of a promotion on an order beside its terms."""

    PromotionID: Id = column(references=Reference("promotions", on_delete="follow"))
    LineItemID: Id = column()
    Amount: Money = column()
    AmountOverridden: Bool = column()
    DateApplied: Date = column(nullable=True)

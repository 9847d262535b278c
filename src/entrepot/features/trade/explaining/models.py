"""The explanation of an order's promotions as the API shows it."""

from __future__ import annotations

from entrepot.declare.types import Bool, Id, Int, Money, Text
from entrepot.declare.wire import Wire, column
from entrepot.features.people.explaining.models import ExplainedStep


class ExplainedValue(Wire):
    """A part of an expression, and what it was as JSON; objects and arrays are cut."""

    Part: Text = column(read_only=True)
    Value: Text = column(read_only=True)


class ExplainedClause(Wire):
    """A clause of an expression, in the expression's own order. Position: of its first character, from 0. Holds: null where what came
    before had decided already. Fails: whether it stands against the whole. LineItemID: at line level, for which line.
    """

    LineItemID: Id = column(read_only=True, nullable=True)
    Clause: Text = column(read_only=True)
    Position: Int = column(read_only=True)
    Value: Text = column(read_only=True, nullable=True)
    Holds: Bool = column(read_only=True, nullable=True)
    Fails: Bool = column(read_only=True)
    Values: list[ExplainedValue] = column(read_only=True)


class ExplainedPromotion(Wire):
    """One promotion. IsApplied: whether the order has it; ErrorCode: what adding it would be refused with, or for what it has, what
    refreshing would remove it with. Position: its place among those applied, from 1. Amount: what it takes off, or would. Eligible: the
    clauses of EligibleExpression; Value: what ValueExpression was made of.
    """

    ID: Id = column(read_only=True)
    Code: Text = column(read_only=True, nullable=True)
    Name: Text = column(read_only=True, nullable=True)
    LineItemLevel: Bool = column(read_only=True)
    IsApplied: Bool = column(read_only=True)
    IsEligible: Bool = column(read_only=True)
    ErrorCode: Text = column(read_only=True, nullable=True)
    Position: Int = column(read_only=True, nullable=True)
    Amount: Money = column(read_only=True)
    Reason: Text = column(read_only=True)
    EligibleExpression: Text = column(read_only=True)
    ValueExpression: Text = column(read_only=True, nullable=True)
    Eligible: list[ExplainedClause] = column(read_only=True)
    Value: list[ExplainedValue] = column(read_only=True)
    Steps: list[ExplainedStep] = column(read_only=True)


class PromotionsExplanation(Wire):
    """The promotions that reach the user of an order, those that it has first, in the order of their application."""

    OrderID: Id = column(read_only=True)
    Status: Text = column(read_only=True)
    FromUserID: Id = column(read_only=True)
    Subtotal: Money = column(read_only=True)
    PromotionDiscount: Money = column(read_only=True)
    Total: Money = column(read_only=True)
    Promotions: list[ExplainedPromotion] = column(read_only=True)

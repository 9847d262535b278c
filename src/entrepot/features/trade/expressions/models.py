"""Expressions while they are written, as the API shows them."""

from __future__ import annotations

from entrepot.declare.types import Bool, Id, Int, Money, Text
from entrepot.declare.wire import Wire, column
from entrepot.features.trade.explaining.models import ExplainedClause, ExplainedValue
from entrepot.features.trade.expressions.kinds import ExpressionKind


class ExpressionDraft(Wire):
    """Expressions that are being written. Of promotions EligibleExpression and ValueExpression count, with what else decides about
    their amounts; of approval rules RuleExpression. ID: of the promotion or rule that would be changed, if there is one.
    """

    Kind: ExpressionKind = column(required=True)
    ID: Id = column()
    EligibleExpression: Text = column()
    ValueExpression: Text = column()
    RuleExpression: Text = column()
    UseIntegration: Bool = column()
    QuantityLimitPerOrder: Int = column(nullable=True)
    ItemLimitPerOrder: Int = column(nullable=True)
    ItemSortBy: Text = column()


class ExpressionFault(Wire):
    """Why a draft would not be saved. Property: which one holds the fault, null where several do together. Token, Position and Length:
    which characters of the expression it is about, from 0; none where the expression ends too early. ErrorCode and Message: those of
    saving.
    """

    Property: Text = column(read_only=True, nullable=True)
    ErrorCode: Text = column(read_only=True)
    Message: Text = column(read_only=True)
    Token: Text = column(read_only=True, nullable=True)
    Position: Int = column(read_only=True, nullable=True)
    Length: Int = column(read_only=True, nullable=True)


class ExpressionCheck(Wire):
    """Whether expressions can be saved as they are, and what stands against it: one fault of each expression at the most."""

    IsValid: Bool = column(read_only=True)
    Faults: list[ExpressionFault] = column(read_only=True)


class ExpressionPath(Wire):
    """What a path may name, and what it holds: Boolean, Decimal, DateTime, String, Array, Object or the name of a type. Sample: a value
    that is there, as JSON, cut where it is long.
    """

    Path: Text = column(read_only=True)
    Type: Text = column(read_only=True, nullable=True)
    Sample: Text = column(read_only=True, nullable=True)


class ExpressionRecord(Wire):
    """The paths of a thing that expressions look at: Order, LineItem or OrderReturn."""

    Of: Text = column(read_only=True)
    Paths: list[ExpressionPath] = column(read_only=True)


class ExpressionRoot(Wire):
    """What a path begins with, and where. Of: the record that it is, LineItems (which have functions alone) or Element (of an array).
    Within: Anywhere, LineFilter (`items.any(here)`) or ArrayFilter (`order.xp.Tags.any(here)`). Without a Name a path begins with a
    property.
    """

    Name: Text = column(read_only=True)
    Of: Text = column(read_only=True)
    Within: Text = column(read_only=True)
    About: Text = column(read_only=True)


class ExpressionField(Wire):
    """A property that holds an expression. MaxLength: in characters. IsCondition: whether it yields true or false, else an amount."""

    Name: Text = column(read_only=True)
    MaxLength: Int = column(read_only=True)
    IsCondition: Bool = column(read_only=True)


class ExpressionLanguage(Wire):
    """What expressions of a kind may name. Approvable: the root that `approved` is called on."""

    Kind: ExpressionKind = column(read_only=True)
    Expressions: list[ExpressionField] = column(read_only=True)
    Roots: list[ExpressionRoot] = column(read_only=True)
    Approvable: Text = column(read_only=True, nullable=True)


class ExpressionFunction(Wire):
    """A function. On: what it is called on: Nothing, LineItems (`items`), Product (a line item or its product), Property, Array, or
    Approvable. Most: null where it takes any number of arguments. Odd: whether their number is.
    """

    Name: Text = column(read_only=True)
    On: Text = column(read_only=True)
    Shape: Text = column(read_only=True)
    About: Text = column(read_only=True)
    Least: Int = column(read_only=True)
    Most: Int = column(read_only=True, nullable=True)
    Odd: Bool = column(read_only=True)


class ExpressionOperator(Wire):
    """An operator by its spellings, the usual one first. Binds: the higher, the more closely."""

    Symbols: list[Text] = column(read_only=True)
    About: Text = column(read_only=True)
    Binds: Int = column(read_only=True)


class ExpressionLiteral(Wire):
    """A way to write a value."""

    Example: Text = column(read_only=True)
    About: Text = column(read_only=True)


class ExpressionVocabulary(Wire):
    """The language of expressions. MaxDepth: parentheses and calls within one another at the most."""

    Kinds: list[ExpressionLanguage] = column(read_only=True)
    Records: list[ExpressionRecord] = column(read_only=True)
    Functions: list[ExpressionFunction] = column(read_only=True)
    Operators: list[ExpressionOperator] = column(read_only=True)
    Literals: list[ExpressionLiteral] = column(read_only=True)
    MaxDepth: Int = column(read_only=True)


class FoundPaths(Wire):
    """The paths that have a value in an order, or in a return and its order; 300 of a record at the most."""

    OrderID: Id = column(read_only=True)
    OrderReturnID: Id = column(read_only=True, nullable=True)
    Records: list[ExpressionRecord] = column(read_only=True)


class TriedLine(Wire):
    """A line item under a promotion at its level. Value: of ValueExpression, times the units that it is for where a quantity is limited,
    neither rounded nor held against what the line can lose; null where it was not asked. Amount: what is taken off.
    """

    LineItemID: Id = column(read_only=True)
    ProductID: Id = column(read_only=True)
    Quantity: Int = column(read_only=True)
    LineSubtotal: Money = column(read_only=True)
    IsEligible: Bool = column(read_only=True)
    Value: Money = column(read_only=True, nullable=True)
    Amount: Money = column(read_only=True)


class TriedPromotion(Wire):
    """What a promotion with these expressions makes of an order that it comes to after those that are there. Value: of
    ValueExpression as it is; Amount: what is taken off. Before: what the others take off. Eligible: the clauses of EligibleExpression,
    at line item level for each of the first 20 lines; Parts: what ValueExpression was made of, at line item level for the first line
    that is eligible. Lines: at line item level, 100 at the most; MoreLines: how many there are beyond. TooManySteps: whether the
    expressions take more work than a request may; then they are not eligible and take nothing off.
    """

    IsEligible: Bool = column(read_only=True)
    Value: Money = column(read_only=True, nullable=True)
    Amount: Money = column(read_only=True)
    Before: Money = column(read_only=True)
    TooManySteps: Bool = column(read_only=True)
    Eligible: list[ExplainedClause] = column(read_only=True)
    Parts: list[ExplainedValue] = column(read_only=True)
    Lines: list[TriedLine] = column(read_only=True)
    MoreLines: Int = column(read_only=True)


class TriedRule(Wire):
    """What an approval rule with this expression makes of an order or a return. Holds: the whole. RequiresApproval: whether somebody
    would be asked. ApprovedAtOnce: it holds, and who submits could approve it, so that nobody is asked. ApprovedRules: those whose
    approval `approved` sees. Clauses: of the expression. TooManySteps: as of promotions, but such a rule holds.
    """

    Holds: Bool = column(read_only=True)
    RequiresApproval: Bool = column(read_only=True)
    ApprovedAtOnce: Bool = column(read_only=True)
    ApprovedRules: list[Id] = column(read_only=True)
    TooManySteps: Bool = column(read_only=True)
    Clauses: list[ExplainedClause] = column(read_only=True)


class ExpressionTrial(Wire):
    """What expressions make of an order, or of a return and its order, as it is now."""

    Kind: ExpressionKind = column(read_only=True)
    OrderID: Id = column(read_only=True)
    OrderReturnID: Id = column(read_only=True, nullable=True)
    Status: Text = column(read_only=True)
    Currency: Text = column(read_only=True, nullable=True)
    Subtotal: Money = column(read_only=True)
    Total: Money = column(read_only=True)
    Promotion: TriedPromotion = column(read_only=True, nullable=True)
    Rule: TriedRule = column(read_only=True, nullable=True)

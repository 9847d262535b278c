"""Refusals of expressions (promotions spec section 1.7)."""

from __future__ import annotations

from entrepot.kernel.errors.error import ApiError, ErrorItem


class ExpressionError(ApiError):
    """What is wrong with one expression.

    token: the part of the text in question; position: where it begins, in characters from 0.
    """

    code = "Expression.InvalidSyntax"
    message = "The expression is not valid."

    def __init__(self, token: str, position: int, detail: str = "") -> None:
        self.token = token
        self.position = position
        super().__init__({"Token": token}, message=f"{detail or self.message} (At character {position + 1}.)")


class ExpressionSyntaxError(ExpressionError):
    message = "The expression cannot be read."


class ExpressionTokenError(ExpressionError):
    code = "Expression.InvalidToken"
    message = "The expression names something that it cannot know."


class ExpressionFunctionError(ExpressionError):
    code = "Expression.InvalidFunction"
    message = "There is no such function here."


class ExpressionArgumentsError(ExpressionError):
    code = "Expression.InvalidArguments"
    message = "The function takes another number of arguments."


class ItemNotAllowedError(ExpressionError):
    code = "Expression.ItemNotAllowed"
    message = "Only expressions of promotions at line item level may use item."


class ItemRequiredError(ExpressionError):
    code = "Expression.ItemRequired"
    message = "The EligibleExpression of a promotion at line item level must use item."


class OrderHistoryError(ExpressionError):
    code = "Expression.OrderHistoryCannotBeUsed"
    message = "Expressions cannot use the order history."


class InvalidExpressionsError(ApiError):
    """EXPR-28, EXPR-29: the faults of all expressions of one body, each with the property that holds it."""

    code = ExpressionError.code

    def __init__(self, faults: dict[str, ExpressionError]) -> None:
        self.faults = faults
        first = next(iter(faults.values()))
        super().__init__(message=first.text)

    def items(self) -> tuple[ErrorItem, ...]:
        return tuple(
            ErrorItem(fault.code, fault.text, {"Field": field, "Token": fault.token})
            for field, fault in self.faults.items()
        )

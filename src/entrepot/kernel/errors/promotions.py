"""Refusals about promotions: of their settings (promotions spec section 2) and of their use (section 3)."""

from __future__ import annotations

from entrepot.kernel.errors.error import ApiError


class PromotionCodeInUseError(ApiError):
    code = "Promotion.CodeInUse"
    status = 409
    message = "Another promotion has this code."


class ExpirationPrecedesStartError(ApiError):
    code = "Promotion.ExpirationPrecedsStart"
    message = "ExpirationDate cannot be before StartDate."


class ItemLimitError(ApiError):
    code = "Promotion.CannotSetItemLimitPerOrder"
    message = "ItemLimitPerOrder goes with LineItemLevel only."


class QuantityLimitError(ApiError):
    code = "Promotion.CannotSetQuantityLimitPerOrder"
    message = "QuantityLimitPerOrder goes with LineItemLevel only."


class TwoLimitsError(ApiError):
    code = "Promotion.CannotSetQuantityAndItemLimitPerOrder"
    message = "A promotion has QuantityLimitPerOrder or ItemLimitPerOrder, not both."


class ItemSortByError(ApiError):
    code = "Promotion.CannotSetItemSortBy"
    message = "ItemSortBy goes with LineItemLevel and a limit of items or quantities per order."


class ValueExpressionRequiredError(ApiError):
    code = "Promotion.ValueExpressionCanBeNullIfUseIntegration"
    message = "Only a promotion with UseIntegration may have no ValueExpression."


class UseIntegrationError(ApiError):
    code = "Promotion.UseIntegrationMustBeFalse"
    message = "A promotion with a ValueExpression cannot have UseIntegration."


class NoPromotionIntegrationError(ApiError):
    code = "Promotion.ValueExpressionCannotBeNull"
    message = "The marketplace has no promotion integration, so that the promotion needs a ValueExpression."


class PromotionNotActiveError(ApiError):
    code = "Promotion.NotActive"
    message = "The promotion is not active."


class PromotionNotYetValidError(ApiError):
    code = "Promotion.NotYetValid"
    message = "The promotion has not begun."


class PromotionExpiredError(ApiError):
    code = "Promotion.Expired"
    message = "The promotion is over."


class PromotionAlreadyAddedError(ApiError):
    code = "Promotion.AlreadyAdded"
    message = "The order has this promotion already."


class PromotionOwnerError(ApiError):
    code = "Promotion.OwnerIDMustMatchOrderToCompanyID"
    message = "The promotion belongs to another company than the one that the order goes to."


class CannotCombineError(ApiError):
    code = "Promotion.CannotCombine"
    message = "The promotion cannot be on one order with another."


class PromotionUsedUpError(ApiError):
    code = "Promotion.ExceedsUsageLimit"
    message = "The promotion has been redeemed as often as it may be."


class PromotionNotEligibleError(ApiError):
    code = "Promotion.NotEligible"
    message = "The order is not eligible for the promotion."


class DeletePromotionIntegrationError(ApiError):
    code = "PromotionIntegration.CannotDeletePromotionIntegration"
    message = "A promotion without ValueExpression needs the promotion integration."


class PromotionEvaluationError(ApiError):
    code = "PromotionIntegration.FailedToEvaluate"
    message = "The promotion integration did not evaluate the promotion."


class LineItemIdRequiredError(ApiError):
    code = "PromotionIntegration.LineItemIdRequired"
    message = "The promotion integration must name the line that it reduces by a promotion at line level."


class LineItemIdMustBeNullError(ApiError):
    code = "PromotionIntegration.LineItemIdMustBeNull"
    message = "The promotion integration cannot name a line for a promotion on the order as a whole."

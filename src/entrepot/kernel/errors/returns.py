"""Refusals about order returns (orders spec section 14)."""

from __future__ import annotations

from entrepot.kernel.errors.error import ApiError


class ReturnOrderStatusError(ApiError):
    code = "OrderReturn.CannotCreateBadOrderStatus"
    message = "Only of open and completed orders anything can be returned."


class DuplicateReturnItemError(ApiError):
    code = "OrderReturn.CannotCreateDuplicateItemToReturn"
    message = "A return names each line once."


class NotReturnableError(ApiError):
    code = "OrderReturn.ProductNotEligibleToReturn"
    message = "The product cannot be returned."


class ReturnQuantityError(ApiError):
    code = "OrderReturn.ItemQuantityExceeded"
    message = "More would be returned than there is to return."


class NegativeRefundError(ApiError):
    code = "OrderReturn.RefundAmountMustNotBeNegative"
    message = "A return refunds 0 or more."


class CancelUnsubmittedReturnError(ApiError):
    code = "OrderReturn.CannotCancelUnsubmitted"
    message = "A return that is not submitted is deleted, not canceled."


class CloseReturnError(ApiError):
    """Also for canceling one, which has no code of its own."""

    code = "OrderReturn.NotAuthorizedToDelete"
    status = 403
    message = "Completed returns are deleted and canceled by administrators of orders only."


class CompleteReturnStatusError(ApiError):
    code = "OrderReturn.CannotCompleteBadStatus"
    message = "Only an open return can be completed."


class CompleteReturnAmountError(ApiError):
    code = "OrderReturn.CannotCompleteInvalidAmount"
    message = "A return is completed once it is known what it refunds."


class NotEligibleToApproveReturnError(ApiError):
    code = "OrderReturn.NotEligibleToApproveOrDecline"
    status = 403
    message = "The return does not wait for this user's approval."


class RefundStatusError(ApiError):
    code = "OrderReturn.CannotCreatePaymentBadStatus"
    message = "Only of an open return anything is refunded."


class RefundSignError(ApiError):
    code = "OrderReturn.PaymentValueMustBeNegative"
    message = "The amount of a refund is less than 0."


class RefundsExceedError(ApiError):
    code = "OrderReturn.TotalRefundsExceedRefundAmount"
    message = "More would be refunded than the return, or the order, is worth."

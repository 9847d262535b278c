"""Refusals about payments (orders spec section 12)."""

from __future__ import annotations

from entrepot.kernel.errors.error import ApiError


class AlreadyPaidError(ApiError):
    code = "Payment.AlreadyPaid"
    message = "Other payments cover the order's total already."


class EditCanceledPaymentError(ApiError):
    code = "Payment.CannotEditCancelled"
    message = "Payments of a canceled order stay as they are."


class PatchAcceptedError(ApiError):
    code = "Payment.CannotPatchAccepted"
    status = 403
    message = "Accepting payments takes the role OrderAdmin."


class PatchPaymentPropertyError(ApiError):
    code = "Payment.CannotPatchProperty"
    message = "A payment keeps its type and what it is paid from."


class NotAuthorizedToPatchPaymentError(ApiError):
    code = "Payment.NotAuthorizedToPatch"
    status = 403
    message = "An accepted payment is changed by administrators of orders only."


class SetCreditCardError(ApiError):
    code = "Payment.CannotSetCreditCard"
    message = "Only payments by credit card name one."


class SetSpendingAccountError(ApiError):
    code = "Payment.CannotSetSpendingAccount"
    message = "Only payments from a spending account name one."


class SpendingAccountIdMissingError(ApiError):
    code = "Payment.SpendingAccountIdMissing"
    message = "A payment from a spending account names it."


class InvalidSpendingAccountError(ApiError):
    code = "Payment.InvalidSpendingAccountID"
    message = "The order cannot be paid from this spending account."


class ExpiredSpendingAccountError(ApiError):
    code = "Payment.CannotUseExpiredSpendingAccount"
    message = "The spending account is not in force."


class ExceedsBalanceError(ApiError):
    code = "Payment.ExceedsBalance"
    message = "The spending account has less than the payment takes."


class DeleteSpendingAccountError(ApiError):
    code = "Payment.CannotDeleteSpendingAccount"
    message = "Payments have been made from the spending account."


class PaymentAmountError(ApiError):
    code = "Payment.AmountGreaterThanZero"
    message = "The amount of a payment is more than 0."

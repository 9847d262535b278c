"""Refused assignments (ASG-3)."""

from __future__ import annotations

from entrepot.kernel.errors.conventions import PropertyError, ValidationError
from entrepot.kernel.errors.error import ApiError


class GroupAndUserError(ApiError):
    code = "PartyAssignment.CannotSpecifyGroupAndUser"
    message = "An assignment names a user group or a user, not both."


class UserLevelError(ApiError):
    code = "PartyAssignment.UserLevelNotAllowed"
    message = "This cannot be assigned to a user."


class GroupLevelError(ApiError):
    code = "PartyAssignment.GroupLevelNotAllowed"
    message = "This cannot be assigned to a user group."


class SpecifiedBuyerAndSupplierError(ApiError):
    code = "PartyAssignment.CannotSpecifyBuyerAndSupplier"
    message = "An assignment names a buyer or a supplier, not both."


class ProvidedBuyerAndSupplierError(ApiError):
    code = "PartyAssignment.CannotProvideBuyerAndSupplier"
    message = "An assignment names a buyer or a supplier, not both."


class BuyerRequiredError(ApiError):
    code = "PartyAssignment.RequiresBuyer"
    message = "The assignment needs a buyer."


class BuyerAndBuyerGroupError(ValidationError):
    """BUY-7: the buyers of a group share its rows; a row of one buyer is another row."""

    def __init__(self) -> None:
        message = "An assignment names a buyer or a group of buyers, not both."
        super().__init__(PropertyError(message, {"Property": "BuyerGroupID"}))


class InvalidGroupLevelError(ApiError):
    code = "PartyAssignment.InvalidGroupLevel"
    message = "userGroupID goes with level Group only."


class InvalidUserLevelError(ApiError):
    code = "PartyAssignment.InvalidUserLevel"
    message = "userID goes with level User only."

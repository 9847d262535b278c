"""Refusals about group orders (orders spec section 15)."""

from __future__ import annotations

from entrepot.kernel.errors.error import ApiError


class InvitationExpirationError(ApiError):
    code = "GroupOrderInvitation.InvalidExpiration"
    message = "An invitation ends in the future, within a year."


class InvitationQuantityError(ApiError):
    code = "GroupOrderInvitation.InvitationQuantityExceeded"
    message = "The order has as many invitations as an order may have."


class InvitationExpiredError(ApiError):
    code = "GroupOrderInvitation.InvitationExpired"
    message = "The invitation has expired."


class ModifyGroupOrderError(ApiError):
    code = "GroupOrder.CannotModify"
    status = 403
    message = "Only the user whose order it is invites others to it."


class ModifySubmittedGroupOrderError(ApiError):
    code = "GroupOrder.CannotModifySubmittedOrder"
    status = 403
    message = "The order has been submitted and takes no more lines."


class DeleteInvitationError(ApiError):
    code = "GroupOrder.CannotDeleteWithLineItems"
    message = "The invitation has brought lines to the order."

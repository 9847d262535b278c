"""Refusals about product collections (catalog spec section 14)."""

from __future__ import annotations

from entrepot.kernel.errors.error import ApiError


class ModifyCollectionError(ApiError):
    code = "ProductCollection.CannotModify"
    status = 403
    message = "The product collection belongs to another user."


class CollectionEntryLimitError(ApiError):
    code = "ProductCollection.ProductEntryLimit"
    message = "A product collection has at most 500 products."


class OwnInvitationError(ApiError):
    code = "ProductCollection.CannotAcceptOrDeclineOwnInvitation"
    message = "An invitation to a product collection is not for its owner."


class AcceptedInvitationError(ApiError):
    code = "ProductCollection.AlreadyAcceptedInvitation"
    message = "The invitation has been accepted already."

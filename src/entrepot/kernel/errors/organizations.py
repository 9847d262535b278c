"""Refusals about companies and guests."""

from __future__ import annotations

from entrepot.kernel.errors.error import ApiError


class DefaultCatalogExistsError(ApiError):
    code = "Buyer.DefaultCatalogAlreadyExists"
    status = 409
    message = "The buyer's default catalog would have the ID of a catalog that exists already."

    def __init__(self, catalog_id: str) -> None:
        super().__init__({"ObjectType": "Catalog", "ObjectID": catalog_id})


class ImpersonatedPartyError(ApiError):
    code = "Impersonation.CannotDeleteImpersonateeParty"
    message = "An impersonation config names this party or one of its users."


class NotGuestError(ApiError):
    code = "User.IsNotTemp"
    message = "Only an anonymous shopper can be registered."


class GuestTokenRequiredError(ApiError):
    code = "Auth.MustPassAnonUserToken"
    message = "anonUserToken must be a valid token of an anonymous shopper."

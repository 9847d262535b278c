"""Refusals about bundles (catalog spec section 15)."""

from __future__ import annotations

from entrepot.kernel.errors.conventions import PropertyError, ValidationError
from entrepot.kernel.errors.error import ApiError


class BundleOwnerError(ApiError):
    code = "Bundle.OwnerIDMustMatch"
    message = "A bundle and its products have the same owner."


class ParentInBundleError(ApiError):
    code = "Bundle.ParentProductAssigned"
    message = "The product's parent is part of the bundle."


class ChildrenInBundleError(ApiError):
    code = "Bundle.ChildProductsAssigned"
    message = "Children of the product are part of the bundle."


class BundleInBundleError(ValidationError):
    """No code of the contract says so: a bundle is a product, but none that another one could hold."""

    def __init__(self) -> None:
        message = "A bundle cannot be part of a bundle."
        super().__init__(PropertyError(message, {"Property": "ProductID"}))

"""Refusals about shipments (orders spec section 13)."""

from __future__ import annotations

from entrepot.kernel.errors.error import ApiError


class ShippedQuantityError(ApiError):
    code = "ShipmentItem.QuantityExceeded"
    message = "More would be shipped than was ordered."


class ShipBundleError(ApiError):
    code = "ShipmentItem.CannotBeBundle"
    message = "A bundle is shipped by its parts."

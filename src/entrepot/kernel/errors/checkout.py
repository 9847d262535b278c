"""Refusals about the events that ask integrations while an order is made (integrations spec section 4)."""

from __future__ import annotations

from entrepot.kernel.errors.error import ApiError


class IntegrationFailedError(ApiError):
    """Data: HttpStatusCode, UnhandledErrorBody."""

    code = "IntegrationEvent.BadRequest"
    message = "The integration did not give a usable answer."


class CheckoutNotConfiguredError(ApiError):
    code = "IntegrationEvent.ApiClientNotConfiguredForOrderCalculate"
    message = "The API client has no OrderCheckout integration event."


class ShippingNotEstimatedError(ApiError):
    code = "IntegrationEvent.MustCalculateShipping"
    message = "Ship methods can be selected after an estimate of shipping only."


class NoShipEstimatesError(ApiError):
    code = "IntegrationEvent.MustHaveShipEstimates"
    message = "The last estimate of shipping offers no ship methods."


class ElevatedRolesClientError(ApiError):
    code = "IntegrationEvent.AllowSellerApiClientRequired"
    message = (
        "ElevatedRoles need an active API client that allows seller users and acts as one of them by default."
    )

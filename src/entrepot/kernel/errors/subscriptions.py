"""Refusals about subscriptions (orders spec section 16)."""

from __future__ import annotations

from entrepot.kernel.errors.error import ApiError


class SubscriptionRunsExceededError(ApiError):
    code = "SubscriptionIntegration.ExceedsSelfServiceLimit"
    message = "Subscriptions have been processed on request as often as they may be in an hour."


class SubscriptionUserError(ApiError):
    code = "Subscription.CreateRequiresFromUser"
    message = "A subscription on behalf of a buyer names FromCompanyID and FromUserID."

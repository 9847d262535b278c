"""Refusals about subscriptions (orders spec section 16)."""

from __future__ import annotations

from entrepot.kernel.errors.error import ApiError


class SubscriptionUserError(ApiError):
    code = "Subscription.CreateRequiresFromUser"
    message = "A subscription on behalf of a buyer names FromCompanyID and FromUserID."

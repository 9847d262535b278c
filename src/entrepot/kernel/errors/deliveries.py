"""Refusals about deliveries that somebody wants replayed or cancelled."""

from __future__ import annotations

from entrepot.kernel.errors.error import ApiError


class DeliveryNotEndedError(ApiError):
    code = "Delivery.NotEnded"
    message = "The delivery has not ended; it is delivered anyway."


class DeliveryEndedError(ApiError):
    code = "Delivery.Ended"
    message = "The delivery has ended."


class DeliveryGoneError(ApiError):
    code = "Delivery.NothingToReplay"
    message = "What was to be delivered is not kept."

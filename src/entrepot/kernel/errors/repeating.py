"""Refusals about requests that are sent again under the same Idempotency-Key."""

from __future__ import annotations

from entrepot.kernel.errors.error import ApiError


class InvalidIdempotencyKeyError(ApiError):
    code = "Idempotency.InvalidKey"
    message = "Idempotency-Key can have up to 255 printable ASCII characters."


class OtherRequestError(ApiError):
    code = "Idempotency.OtherRequest"
    status = 409
    message = "This Idempotency-Key was sent with another request."


class StillRunningError(ApiError):
    code = "Idempotency.StillRunning"
    status = 409
    message = "The request with this Idempotency-Key has not been answered yet. Please try again later."

    def headers(self) -> dict[str, str]:
        return {"Retry-After": "2"}

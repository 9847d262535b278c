"""Refusals about copies of marketplaces."""

from __future__ import annotations

from entrepot.kernel.errors.error import ApiError


class TooManyCopiesError(ApiError):
    code = "Copies.TooMany"
    status = 409
    message = "The marketplace has as many copies as it may have. Delete some first."


class CopyDurationError(ApiError):
    code = "Copies.InvalidDuration"
    message = "TTL is a duration of at most 30 days, as PT1H or P1D."

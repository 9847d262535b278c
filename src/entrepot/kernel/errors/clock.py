"""Refusals about the clocks of marketplaces."""

from __future__ import annotations

from entrepot.kernel.errors.error import ApiError


class ClockRangeError(ApiError):
    code = "Clock.OutOfRange"
    message = "The clock can be set to moments from the beginning of 1970 to the end of 2999, in UTC."


class ClockMomentError(ApiError):
    code = "Clock.MomentOrShift"
    message = "Give a Moment, or a Shift from the server's time, and not both."


class ClockServerError(ApiError):
    code = "Clock.ServerGoesAlone"
    message = "The server's clock has no Moment, Shift or Tokens: give the Mode Running or Frozen."


class ClockStepError(ApiError):
    code = "Clock.ToOrBy"
    message = "Give the moment To which the clock advances, or By how much, and not both."


class ClockDurationError(ApiError):
    code = "Clock.InvalidDuration"
    message = "A duration has weeks, days, hours, minutes and seconds, as P30D or PT5M, and is at most a century long."


class ClockBackwardsError(ApiError):
    code = "Clock.Backwards"
    message = "The clock advances forwards alone. Set it to go back."


class ClockAdvancingError(ApiError):
    code = "Clock.Advancing"
    status = 409
    message = "The clock is being advanced."

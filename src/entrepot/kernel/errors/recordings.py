"""Refusals about recordings."""

from __future__ import annotations

from entrepot.kernel.errors.error import ApiError


class RecordingRunsError(ApiError):
    code = "Recordings.AlreadyRuns"
    status = 409
    message = (
        "The marketplace is being recorded. Stop that recording first: "
        "/entrepot/v1/recordings lists it, and POST /entrepot/v1/recordings/{ID}/stop ends it."
    )


class TooManyRecordingsError(ApiError):
    code = "Recordings.TooMany"
    status = 409
    message = "The marketplace has as many recordings as it may have. Delete some first."


class RecordingDurationError(ApiError):
    code = "Recordings.InvalidDuration"
    message = "Duration is at most a day, as PT10M or PT1H."

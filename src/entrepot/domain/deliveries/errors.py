"""What is told of a delivery that has failed for good (ERR-2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from entrepot.kernel.clock import format_datetime

TYPE = "sitecore.ordercloud.messages.error"
"""Of the envelope."""
TEST_TEXT = "This is a test of the error configuration. Nothing has failed."
LONGEST_ERROR = 2_000
"""Characters of an error that are told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A delivery that nobody tries again.

    source: the integration, `Webhook`. source_id: its ID. delivery_config_id: through which it was delivered; None for an
    integration's own URL. log_id: of the request that caused it. target: `Url`, `Kafka` ... status: of the last answer, None
    without one. error: what the last attempt came to, without secrets. original: the message itself, as it was to be
    delivered, without secrets.
    """

    source: str
    source_id: str
    delivery_config_id: str | None
    log_id: str
    target: str
    status: int | None
    error: str
    attempts: int
    date: datetime
    original: Any


def payload(failure: Failure) -> dict[str, Any]:
    """The payload of the envelope."""
    return {
        "Source": failure.source,
        "SourceID": failure.source_id,
        "DeliveryConfigID": failure.delivery_config_id,
        "LogID": failure.log_id,
        "Target": failure.target,
        "HttpStatusCode": failure.status,
        "Error": failure.error[:LONGEST_ERROR],
        "Attempts": failure.attempts,
        "Date": format_datetime(failure.date),
        "Original": failure.original,
    }


def trial(delivery_config_id: str, log_id: str, date: datetime, original: Mapping[str, Any]) -> Failure:
    """What ErrorConfigs.Validate sends (ERR-1): told like a failure, of none."""
    return Failure(
        source="ErrorConfig",
        source_id="ErrorConfig",
        delivery_config_id=delivery_config_id,
        log_id=log_id,
        target="DeliveryConfig",
        status=None,
        error=TEST_TEXT,
        attempts=0,
        date=date,
        original=dict(original),
    )

"""What may become of a delivery."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """Of a delivery. The first two have not ended."""

    QUEUED = "Queued"
    RETRYING = "Retrying"
    DELIVERED = "Delivered"
    FAILED = "Failed"
    """For good: the dead letter, which somebody can have delivered anew."""
    CANCELLED = "Cancelled"
    """By somebody, or because nobody is there any more to deliver it to."""

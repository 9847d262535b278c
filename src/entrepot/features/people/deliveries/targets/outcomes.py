"""What targets answer that do not speak HTTP themselves: in statuses that the rules of repeating know (WH-11)."""

from __future__ import annotations

from entrepot.features.people.outgoing.answers import Answer

PASSING = frozenset({408, 425, 429})
"""Client errors that may be gone the next time."""


def delivered() -> Answer:
    """It has arrived."""
    return Answer(200)


def refused(why: str, status: int | None = None) -> Answer:
    """It has not, and will not until somebody changes something. The text holds nothing that came from the other side."""
    return Answer(status, failure=why, lasting=True)


def failed(why: str, status: int | None = None) -> Answer:
    """It has not; the next attempt may do."""
    return Answer(status, failure=why)


def judged(status: int, why: str) -> Answer:
    """What a status says of it that is none of success."""
    lasting = 400 <= status < 500 and status not in PASSING
    return refused(why, status) if lasting else failed(why, status)

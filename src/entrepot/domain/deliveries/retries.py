"""What follows an attempt to deliver something: it has arrived, is tried again, or is dead (WH-11)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from entrepot.domain.deliveries.status import Status

PAUSES = (timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=5))
"""Before the second attempt, the third and the fourth, which is the last one."""
PASSING = frozenset({408, 425, 429})
"""Of the answers 4xx those after which another attempt may help."""
LONGEST_WAIT = timedelta(hours=1)
"""For which an answer may have us wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of an attempt. status: None without a complete answer. lasting: of one without a status, whether it would fail
    again. retry_after: for how long the answer asks us to wait.
    """

    status: int | None
    succeeded: bool
    lasting: bool = False
    retry_after: timedelta | None = None

    @property
    def may_pass(self) -> bool:
        """Whether another attempt may help: after no answer, 408, 425, 429 and 5xx, and nothing else."""
        if self.succeeded or self.lasting:
            return False
        return self.status is None or self.status in PASSING or self.status >= 500

    @property
    def is_down(self) -> bool:
        """Whether this looks like an endpoint that is down, whatever it is sent, rather than one that dislikes this message."""
        return not self.succeeded and not self.lasting and self.status in {None, 502, 503, 504}


@dataclass(frozen=True, slots=True)
class Next:
    """What becomes of the delivery; `wait` until the next attempt, where there is one."""

    status: Status
    wait: timedelta | None = None


def after(result: Result, attempts: int) -> Next:
    """What follows the `attempts`th attempt."""
    if result.succeeded:
        return Next(Status.DELIVERED)
    if not result.may_pass or attempts > len(PAUSES):
        return Next(Status.FAILED)
    return Next(Status.RETRYING, max(PAUSES[attempts - 1], result.retry_after or timedelta()))


def waiting_time(header: str | None, now: datetime) -> timedelta | None:
    """What Retry-After asks for, seconds or a date (RFC 9110, 10.2.3), at most LONGEST_WAIT; None where it says nothing."""
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=int(text[:10])), LONGEST_WAIT)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    until = until if until.tzinfo is not None else until.replace(tzinfo=UTC)
    return min(max(until - now, timedelta()), LONGEST_WAIT)

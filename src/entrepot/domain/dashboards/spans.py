"""Spans of time that figures are asked for, and the buckets that they are divided into."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

LONGEST = timedelta(days=366)
USUAL = timedelta(days=1)
HOUR = timedelta(hours=1)
WIDEST_OFFSET = 14 * 60
"""Minutes by which a place may be away from UTC."""
MONDAY = datetime(2000, 1, 3, tzinfo=UTC)
WIDTHS = (
    (timedelta(hours=2), timedelta(minutes=5)),
    (timedelta(hours=36), timedelta(hours=1)),
    (timedelta(days=62), timedelta(days=1)),
    (LONGEST, timedelta(weeks=1)),
)
"""Up to which length a span has buckets of which width: 63 at the most, but one for where it begins within a bucket."""


class SpanError(ValueError):
    """A span that no figures are made of; the text says why."""


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` to before `end`, in buckets of `width`, which begin where those before and after `origin` do: on the hour, at
    midnight, on Mondays, of a place that is `offset` minutes ahead of UTC.
    """

    start: datetime
    end: datetime
    width: timedelta
    origin: datetime

    @classmethod
    def of(cls, start: datetime | None, end: datetime | None, offset: int, now: datetime) -> Span:
        """By default the last day, up to the end of the present hour. Raises SpanError."""
        if abs(offset) > WIDEST_OFFSET:
            raise SpanError(f"offset has to be between -{WIDEST_OFFSET} and {WIDEST_OFFSET} minutes.")
        origin = MONDAY - timedelta(minutes=offset)
        end = now - (now - origin) % HOUR + HOUR if end is None else end
        try:
            start = end - USUAL if start is None else start
        except OverflowError:
            raise SpanError("to is out of range.") from None
        length = end - start
        if length <= timedelta():
            raise SpanError("from has to be before to.")
        if length > LONGEST:
            raise SpanError(f"From from to to are at most {LONGEST.days} days.")
        width = next(width for longest, width in WIDTHS if length <= longest)
        try:
            # Buckets begin before the span does, and end after it.
            _ = start - width, end + width
        except OverflowError:
            raise SpanError("from and to are out of range.") from None
        return cls(start, end, width, origin)

    def bucket_of(self, moment: datetime) -> datetime:
        """When the bucket of a moment begins."""
        return moment - (moment - self.origin) % self.width

    def buckets(self) -> list[datetime]:
        """When each begins, in order; the first one perhaps before the span does."""
        found, at = [], self.bucket_of(self.start)
        while at < self.end:
            found.append(at)
            at += self.width
        return found

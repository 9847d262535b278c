"""Time: one source of now, and the wire's date format (BODY-6)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache

Clock = Callable[[], datetime]

ISO_8601 = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})"
    r"(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,7}))?)?\s*(Z|z|[+-]\d{2}:?\d{2}|[+-]\d{2})?)?",
    re.ASCII,
)


EARLIEST = datetime.min.replace(microsecond=1, tzinfo=UTC)
"""The first instant there is, which is what an unset date of .NET's says. The database's driver would take the start of
year 1 itself for -infinity; the microsecond shows nowhere."""


# Each request asks: subtracting takes a quarter of the time of `replace`.
_BELOW_MILLISECONDS = tuple(timedelta(microseconds=each) for each in range(1000))


def utc_now() -> datetime:
    """The present, in UTC, cut to the milliseconds that the wire can show."""
    now = datetime.now(UTC)
    return now - _BELOW_MILLISECONDS[now.microsecond % 1000]


# Lists print many dates: the parts of one are looked up rather than formatted.
_MINUTES = tuple(f"T{hour:02d}:{minute:02d}:" for hour in range(24) for minute in range(60))
_SECONDS = tuple(f"{second:02d}" for second in range(60))
_FRACTIONS = ("+00:00", *(f".{ms:03d}".rstrip("0") + "+00:00" for ms in range(1, 1000)))


@lru_cache(maxsize=4096)
def _day(ordinal: int) -> str:
    return date.fromordinal(ordinal).isoformat()


def format_datetime(value: datetime) -> str:
    """`2021-02-08T23:10:00.56+00:00`: UTC, at most three fraction digits, no trailing zeros."""
    if value.tzinfo is not UTC:
        value = value.astimezone(UTC)
    minute = _MINUTES[value.hour * 60 + value.minute]
    return f"{_day(value.toordinal())}{minute}{_SECONDS[value.second]}{_FRACTIONS[value.microsecond // 1000]}"


def parse_datetime(text: str) -> datetime:
    """Any ISO 8601 form with up to seven fraction digits; no offset means UTC, a bare date midnight.

    Raises ValueError for anything else, and for instants outside years 1 to 9999. The start of year 1 is EARLIEST.
    """
    match = ISO_8601.fullmatch(text.strip())
    if match is None:
        raise ValueError("not an ISO 8601 date")
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    microsecond = int((fraction or "0").ljust(7, "0")[:6])
    moment = datetime(
        int(year),
        int(month),
        int(day),
        int(hour or 0),
        int(minute or 0),
        int(second or 0),
        microsecond,
        _zone(offset),
    )
    try:
        return max(moment.astimezone(UTC), EARLIEST)
    except OverflowError as error:
        raise ValueError("date out of range") from error


def _zone(offset: str | None) -> timezone:
    if offset is None or offset in "Zz":
        return UTC
    sign = -1 if offset[0] == "-" else 1
    digits = offset[1:].replace(":", "").ljust(4, "0")
    minutes = int(digits[2:])
    if minutes > 59:
        raise ValueError("offset out of range")
    return timezone(sign * timedelta(hours=int(digits[:2]), minutes=minutes))

"""When a subscription's orders are due (SBS-2 to SBS-4). Dates are aware datetimes in UTC."""

from __future__ import annotations

import calendar
from datetime import datetime, timedelta

DAYS = {"Days": 1, "Weeks": 7}
WINDOW = timedelta(hours=5)
"""How long an order may be late, and how long before its date a reminder may leave."""
RETRY = timedelta(hours=1)
"""From one attempt at an order to the next."""


def following(date: datetime, frequency: int, interval: str) -> datetime | None:
    """The date one period later: 31 January and a month give the last day of February. None beyond the year 9999.

    frequency: how many intervals, at least 1. interval: Days, Weeks or Months.
    """
    try:
        if interval == "Months":
            return _months_later(date, frequency)
        return date + timedelta(days=DAYS[interval] * frequency)
    except (OverflowError, ValueError):
        return None


def _months_later(date: datetime, count: int) -> datetime:
    years, month = divmod(date.month - 1 + count, 12)
    year, month = date.year + years, month + 1
    if year > 9999:
        raise OverflowError
    return date.replace(year=year, month=month, day=min(date.day, calendar.monthrange(year, month)[1]))

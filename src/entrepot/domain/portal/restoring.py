"""When staging marketplaces are made anew of production's (PORT-9)."""

from __future__ import annotations

from datetime import datetime, timedelta

SUNDAY = 6
HOUR = 3


def next_restore(now: datetime) -> datetime:
    """The next Sunday at 03:00 UTC after `now`, which is of UTC."""
    day = now.replace(hour=HOUR, minute=0, second=0, microsecond=0) + timedelta(days=SUNDAY - now.weekday())
    return day if day > now else day + timedelta(weeks=1)

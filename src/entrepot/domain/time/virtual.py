"""The clock of a marketplace that is not the server's."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

EARLIEST, TOO_LATE = datetime(1970, 1, 1, tzinfo=UTC), datetime(3000, 1, 1, tzinfo=UTC)
"""From when on, and before when, such a clock may be set: what is reckoned from it has room on both sides."""
LONGEST_STEP = timedelta(days=366 * 100)

_DURATION = re.compile(
    r"P(?=.)(?:(?P<weeks>\d{1,5})W)?(?:(?P<days>\d{1,6})D)?"
    r"(?:T(?=.)(?:(?P<hours>\d{1,6})H)?(?:(?P<minutes>\d{1,7})M)?(?:(?P<seconds>\d{1,9}(?:\.\d{1,3})?)S)?)?",
    re.ASCII | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class VirtualTime:
    """A clock that showed `moment` when the server's showed `since`, and runs as that one does; one that stands still at `moment`
    where `since` is None. ahead: of the server's, when it was set. ages: whether tokens age by it.
    """

    moment: datetime
    since: datetime | None
    ahead: timedelta = timedelta()
    ages: bool = False

    def at(self, real: datetime) -> datetime:
        """What it shows when the server's clock shows `real`."""
        return self.moment if self.since is None else self.moment + (real - self.since)

    def set_to(self, moment: datetime, real: datetime) -> VirtualTime:
        """The same kind of clock, which shows `moment` now."""
        return VirtualTime(moment, None if self.since is None else real, moment - real, self.ages)


def shown(time: VirtualTime | None, real: datetime) -> datetime:
    """What time it is where `time` is the clock, None being the server's, when that shows `real`."""
    return real if time is None else time.at(real)


def seconds_ahead(time: VirtualTime | None) -> int:
    """How far a clock is ahead of the server's, as it is told to each token that is given out."""
    return 0 if time is None else int(time.ahead.total_seconds())


def aged(time: VirtualTime | None, ahead: int) -> int:
    """By how many seconds a token is older than the server's clock says, which was given out when the clock was so far ahead."""
    return 0 if time is None or not time.ages else max(0, seconds_ahead(time) - ahead)


def parse_duration(text: str) -> timedelta:
    """`P30D`, `PT5M`, `P1DT2H30M`, `P2W`: ISO 8601 without months and years, which have no length of their own.

    Raises ValueError for anything else, and for more than LONGEST_STEP.
    """
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        raise ValueError("not a duration of weeks, days, hours, minutes and seconds")
    step = timedelta(**{unit: float(number) for unit, number in match.groupdict(default="0").items()})
    if step > LONGEST_STEP:
        raise ValueError("longer than a century")
    return step

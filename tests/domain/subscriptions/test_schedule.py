"""SBS-3: NextOrderDate += Frequency x Interval."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from entrepot.domain.subscriptions.schedule import following


def _date(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("date", "frequency", "interval", "wanted"),
    [
        ("2026-01-31T08:00", 1, "Months", "2026-02-28T08:00"),
        ("2026-01-31T08:00", 2, "Weeks", "2026-02-14T08:00"),
        ("2028-01-31T00:00", 1, "Months", "2028-02-29T00:00"),
        ("2026-02-28T08:00", 1, "Months", "2026-03-28T08:00"),
        ("2026-11-30T23:59:59", 3, "Months", "2027-02-28T23:59:59"),
        ("2026-12-31T00:00", 12, "Months", "2027-12-31T00:00"),
        ("2026-12-31T00:00", 1, "Days", "2027-01-01T00:00"),
        ("2026-03-28T23:00", 30, "Days", "2026-04-27T23:00"),
    ],
)
def test_the_next_date(date: str, frequency: int, interval: str, wanted: str) -> None:
    assert following(_date(date), frequency, interval) == _date(wanted)


@pytest.mark.parametrize("interval", ["Days", "Weeks", "Months"])
@pytest.mark.parametrize("frequency", [4_000_000, 2_147_483_647])
def test_no_date_after_the_last_one(interval: str, frequency: int) -> None:
    assert following(_date("2026-01-31T08:00"), frequency, interval) is None

"""Clocks of marketplaces."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from entrepot.domain.time.virtual import VirtualTime, aged, parse_duration, seconds_ahead

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
YEAR = datetime(2030, 1, 1, tzinfo=UTC)


def test_one_stands_still_and_one_runs() -> None:
    still, running = VirtualTime(YEAR, None), VirtualTime(YEAR, NOON)
    later = NOON + timedelta(minutes=7)
    assert (still.at(NOON), still.at(later)) == (YEAR, YEAR)
    assert (running.at(NOON), running.at(later)) == (YEAR, YEAR + timedelta(minutes=7))
    assert aged(running, 0) == 0, "tokens go by the server's clock"
    ages = VirtualTime(NOON, NOON, timedelta(), True).set_to(later, NOON)
    assert [aged(ages, ahead) for ahead in (0, 60, 420, 421, -60)] == [420, 360, 0, 0, 480]
    assert seconds_ahead(ages) == 420
    assert still.set_to(NOON, later).at(later + timedelta(days=1)) == NOON
    assert running.set_to(NOON, later).at(later + timedelta(days=1)) == NOON + timedelta(days=1)


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("P30D", timedelta(days=30)),
        ("P2W", timedelta(weeks=2)),
        ("PT5M", timedelta(minutes=5)),
        ("pt1.5s", timedelta(seconds=1.5)),
        ("P1DT2H30M", timedelta(days=1, hours=2, minutes=30)),
        ("PT0S", timedelta()),
    ],
)
def test_durations(text: str, step: timedelta) -> None:
    assert parse_duration(text) == step


@pytest.mark.parametrize("text", ["", "P", "PT", "P1DT", "30D", "P1Y", "P1M", "-P1D", "P1D ago", "PT1e3S", "P999999D", "P٣D"])  # fmt: skip
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError):
        parse_duration(text)

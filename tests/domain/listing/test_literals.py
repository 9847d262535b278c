"""Folding and the dates of xp, where the plain reading could part from the database unnoticed."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.domain.listing.folding import fold
from entrepot.domain.listing.literals import iso_microseconds, read_date


@given(st.text())
def test_folding_keeps_length_and_is_idempotent(text: str) -> None:
    """Substrings and prefixes of a folded text are folded substrings and prefixes."""
    folded = fold(text)
    assert len(folded) == len(text)
    assert fold(folded) == folded
    assert folded == "".join(map(fold, text))


@given(st.datetimes(timezones=st.just(UTC)))
def test_iso_dates_keep_the_order_of_instants(moment: datetime) -> None:
    """FLT-8: microseconds since the first day, whatever the offset."""
    distance = moment - datetime(2000, 1, 1, tzinfo=UTC)
    expected = iso_microseconds("2000-01-01")
    assert expected is not None
    expected += (distance.days * 86_400 + distance.seconds) * 1_000_000 + distance.microseconds
    assert iso_microseconds(moment.isoformat()) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2020-01-31", "2020-01-31T00:00:00"),
        ("2020-01-31T10:20:30.1234567Z", "2020-01-31T10:20:30.123456"),
        ("2020-01-31 10:20+02:00", "2020-01-31T08:20:00"),
        ("1/31/2020 12:00:00 AM +00:00", "2020-01-31T00:00:00"),
        ("1/31/2020 12:30:00 PM -01:00", "2020-01-31T13:30:00"),
        ("01-31-2020", "2020-01-31T00:00:00"),
        ("1/31/2020 23:59", "2020-01-31T23:59:00"),
        ("2020-01-31T10:20:30 02:00", "2020-01-31T08:20:30"),
        ("11/28/2026 9:11:59\u202fAM +00:00", "2026-11-28T09:11:59"),
        ("11/28/2026 9:11:59\u00a0PM +01:00", "2026-11-28T20:11:59"),
        ("2020/11/28 9:11:59 +01:00", "2020-11-28T08:11:59"),
        ("2020/1/2", "2020-01-02T00:00:00"),
        ("2020/01/02 9:11:59 PM", "2020-01-02T21:11:59"),
        ("1/1/0001 12:00:00 AM +00:00", "0001-01-01T00:00:00.000001"),
        ("2020/13/1", None),
        ("2020/1-2", None),
        ("2020/28/11 9:11:59", None),
        ("31/1/2020", None),
        ("1/31-2020", None),
        ("2020-02-30", None),
        ("0/1/2020", None),
        ("1/31/2020 0:00 AM", None),
        ("tomorrow", None),
        ("", None),
    ],
)
def test_date_literals(text: str, expected: str | None) -> None:
    """FLT-8, behaviour C5: ISO 8601, or as .NET writes dates; UTC without an offset; a plus sign that arrived as a space."""
    read = read_date(text)
    assert (read and read.isoformat()) == (expected and f"{expected}+00:00")

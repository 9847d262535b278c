"""Token buckets (HTTP-6, security 11)."""

from __future__ import annotations

import pytest

from entrepot.kernel.buckets import Buckets, Rate


def test_a_burst_then_the_rate() -> None:
    buckets = Buckets(Rate(3, 60.0))
    assert [buckets.take("a", 0.0) for _ in range(4)] == [0.0, 0.0, 0.0, 20.0]
    assert buckets.take("b", 0.0) == 0.0
    assert buckets.take("a", 5.0) == pytest.approx(15.0)
    assert [buckets.take("a", 20.0), buckets.take("a", 20.0)] == [0.0, pytest.approx(20.0)]
    # However long it stood, it holds no more than a burst.
    assert [buckets.take("a", 10_000.0) for _ in range(4)] == [0.0, 0.0, 0.0, 20.0]


def test_what_is_given_back_was_never_taken() -> None:
    buckets = Buckets(Rate(2))
    for moment in range(100):
        assert buckets.take("a", float(moment)) == 0.0
        buckets.give_back("a", float(moment))
    buckets.give_back("unknown", 0.0)
    assert len(buckets) == 0


def test_no_limit() -> None:
    buckets = Buckets(Rate(0))
    assert {buckets.take("a", 0.0) for _ in range(1000)} == {0.0}
    assert len(buckets) == 0


def test_memory_is_bounded() -> None:
    """The buckets that were used last stay, so that whoever tries on is not forgotten."""
    buckets = Buckets(Rate(1), most=10)
    for number in range(1000):
        buckets.take(number, 0.0)
        assert buckets.take("persistent", 0.0) == 0.0 if number == 0 else buckets.take("persistent", 0.0) > 0
        buckets.take(number, 0.0)
    assert len(buckets) <= 10

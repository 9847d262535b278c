"""Reads that are told by an even sample of them."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from entrepot.engine.principal import Principal
from entrepot.features.people.request_log.reads import KEPT, Noted, Reads

CALLER = Principal.nobody(1, "c")
BEGAN = datetime(2026, 5, 20, tzinfo=UTC)


def told(seconds: list[float]) -> list[tuple[int, float, int]]:
    """Number, seconds and count of the rows that reads of these durations get."""
    reads = Reads()
    for number, each in enumerate(seconds):
        if not reads.passes_over(each):
            reads.add(noted(number, each))
    return sorted((int(row[2]), row[7], count) for row, count in reads.rows())


def noted(number: int, seconds: float) -> Noted:
    at = BEGAN + timedelta(milliseconds=number)
    return CALLER, at, str(number), "Me.Get", "GET", "/v1/me", 200, seconds, None


@pytest.mark.parametrize("many", [1, 2, KEPT, 2 * KEPT - 1])
def test_few_reads_have_a_row_each(many: int) -> None:
    assert told([0.001] * many) == [(number, 0.001, 1) for number in range(many)]


@pytest.mark.parametrize("many", [2 * KEPT, 2 * KEPT + 1, 777, 4 * KEPT, 5_000, 12_345, 99_999])
@pytest.mark.parametrize("seed", range(3))
def test_of_many_a_sample_stands_for_all(many: int, seed: int) -> None:
    """Between KEPT and twice as many rows, their counts add up, and the slowest one is there."""
    random_ = random.Random(seed)
    seconds = [random_.expovariate(100) for _ in range(many)]
    rows = told(seconds)
    assert KEPT <= len(rows) <= 2 * KEPT
    assert sum(count for _, _, count in rows) == many
    assert max(took for _, took, _ in rows) == max(seconds)
    assert all(seconds[number] == took and count >= 1 for number, took, count in rows)


@pytest.mark.parametrize("many", [1_000, 7_000])
def test_the_sample_is_spread_evenly(many: int) -> None:
    """No part of the time has more rows than another, whatever reads took: as many of the quick as of the slow ones."""
    rows = told([0.001 if number % 3 else 0.5 for number in range(many)])
    numbers = [number for number, _, _ in rows]
    gaps = [later - earlier for earlier, later in zip([-1, *numbers], [*numbers, many], strict=False)]
    assert max(gaps) <= 2 * many // KEPT
    assert abs(sum(count for _, took, count in rows if took == 0.5) / many - 1 / 3) < 0.02


def test_the_slowest_stands_for_itself() -> None:
    """It is like no other: what it stood for would have been as slow."""
    seconds = [0.001] * 5_000
    seconds[4_321] = 9.0
    assert [count for number, _, count in told(seconds) if number == 4_321] == [1]


def test_slower_and_slower_reads_have_no_more_rows() -> None:
    rows = told([number / 1000 for number in range(20_000)])
    assert KEPT <= len(rows) <= 2 * KEPT
    assert (rows[-1][0], sum(count for _, _, count in rows)) == (19_999, 20_000)


def test_without_room_a_row_that_is_there_stands_for_more() -> None:
    reads = Reads()
    assert not reads.passes_over(0.1)
    assert not reads.without_room()
    assert list(reads.rows()) == []
    assert not reads.passes_over(0.1)
    assert reads.add(noted(1, 0.1)) == 1
    assert not reads.passes_over(0.2)
    assert reads.without_room()
    assert [(row[2], count) for row, count in reads.rows()] == [("1", 2)]

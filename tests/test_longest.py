"""What takes long comes first, in a run of all tests as in one of a few."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.longest import FIRST, shared

ROOT = Path(__file__).parents[1]


def test_the_longest_come_first() -> None:
    """Whatever the order is otherwise; each place that is named is there."""
    assert all((ROOT / place).exists() for place in FIRST)
    files = ["tests/storage/test_turns.py", *(place for place in FIRST[::-1] if place.endswith(".py"))]
    command = [sys.executable, "-m", "pytest", "-q", "--collect-only", "-p", "no:cacheprovider", *files]
    alone = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_XDIST")}
    told = subprocess.run(command, cwd=ROOT, env=alone, capture_output=True, text=True, check=True).stdout
    found = [line.partition("::")[0] for line in told.splitlines() if "::" in line]
    assert list(dict.fromkeys(found)) == [*files[:0:-1], files[0]]


def test_each_process_of_the_run_begins_with_a_lane() -> None:
    """The first of three is given the first third, and so on."""
    order = shared([[1, 2], [3], [4, 5, 6]], range(10, 24), 3)
    assert sorted(order) == [1, 2, 3, 4, 5, 6, *range(10, 24)]
    assert [order[start : start + length] for start, length in ((0, 2), (6, 1), (13, 3))] == [
        [1, 2],
        [3],
        [4, 5, 6],
    ]


def test_no_test_is_lost_whatever_the_number_of_processes() -> None:
    lanes = [[1, 2, 3, 4, 5], [6], [7]]
    for processes in range(1, 6):
        for others in range(6):
            rest = range(10, 10 + others)
            assert sorted(shared(lanes, rest, processes)) == [*range(1, 8), *rest]

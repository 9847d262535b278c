"""What takes long comes first, in a run of all tests as in one of a few."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.longest import FIRST

ROOT = Path(__file__).parents[1]


def test_the_longest_come_first() -> None:
    """Whatever the order is otherwise; each place that is named is there."""
    assert all((ROOT / place).exists() for place in FIRST)
    files = ["tests/storage/test_turns.py", *(place for place in FIRST[::-1] if place.endswith(".py"))]
    command = [sys.executable, "-m", "pytest", "-q", "--collect-only", "-p", "no:cacheprovider", *files]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    found = [line.partition("::")[0] for line in told.splitlines() if "::" in line]
    assert list(dict.fromkeys(found)) == [*files[:0:-1], files[0]]

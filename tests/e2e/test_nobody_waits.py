"""One request stops nobody: whatever a request asks for within the limits, or beyond them (security 1, 2, 5, 8, 11, 12).

The only timed assertion of the tests: `/healthz` and another marketplace's GET /v1/me wait no longer than 50 ms for the
process. The machine's own pauses are told apart by trying again: what a request does, it does each time.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from benchmarks.waiting import LONGEST, longest_waits


def test_nobody_waits(home: Path) -> None:
    """Every list reader, body, expression, page key, password and head, each in its worst case."""
    waits = longest_waits(home)
    held_up = {name: round(wait.longest) for name, wait in waits.items() if wait.longest > LONGEST}
    assert held_up == {}
    answers = Counter(status for wait in waits.values() for status in wait.answers)
    assert not any(status >= 500 and status != 503 for status in answers), answers
    assert {200, 400, 413} <= answers.keys(), answers

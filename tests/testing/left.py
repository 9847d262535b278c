"""What runs of tests leave in their directory for temporary files."""

from __future__ import annotations

import time
from pathlib import Path

from tests.prepared import PATIENCE


def left(temporary: Path) -> list[Path]:
    """Directories of runs whose server has not ended."""
    return [each for each in temporary.iterdir() if each.name.startswith("entrepot-testing-")]


def await_left_nothing(temporary: Path) -> None:
    """Where a server ends after the run, by itself."""
    deadline = time.monotonic() + PATIENCE
    while left(temporary):
        assert time.monotonic() < deadline
        time.sleep(0.02)

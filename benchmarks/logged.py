"""What the log of requests takes from the requests that it notes: of the server process, and of its database."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from benchmarks.backends import Backends
from benchmarks.cases import Case
from benchmarks.shares import Share, share, side

NAME = "log of requests"
MOST_LOST = 0.04
"""Of the rate of the cheapest request."""
WITHOUT = {"ENTREPOT_REQUEST_LOG_ROWS": "0"}


def share_of_log(
    home: Path, environment: Mapping[str, str], backends: Backends, connections: int, case: Case
) -> Share:
    """Of one case."""
    with (
        side(home, "logged", environment, backends) as logged,
        side(home, "bare", {**environment, **WITHOUT}, backends) as bare,
    ):
        return share(NAME, MOST_LOST, connections, (logged, case), (bare, case))

"""What the log of requests takes from the requests that it notes: of the server process, and of its database."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from benchmarks.cases import Case
from benchmarks.measure import Plan, contenders
from benchmarks.servers import entrepot, wait_until_ready
from benchmarks.shares import Share, room, share

NAME = "log of requests"
MOST_LOST = 0.05
"""Of the rate of the cheapest request."""
WITHOUT = {"ENTREPOT_REQUEST_LOG_ROWS": "0"}


def share_of_log(
    home: Path, environment: Mapping[str, str], postmaster: int, plan: Plan, case: Case
) -> Share:
    """Of one case."""
    with (
        entrepot(room(home, "logged"), environment) as logged,
        entrepot(room(home, "bare"), {**environment, **WITHOUT}) as bare,
    ):
        for server in (logged, bare):
            wait_until_ready(server)
        (one,), (other,) = contenders(home, plan, logged, [case]), contenders(home, plan, bare, [case])
        return share(case.name, NAME, MOST_LOST, plan, postmaster, one, other)

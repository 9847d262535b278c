"""What the log of requests takes from the requests that it notes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.cases import Case
from benchmarks.measure import Plan, contenders, run_rounds
from benchmarks.servers import entrepot, wait_until_ready

NAME = "log of requests"
MOST_LOST = 0.05
"""Of the rate of the cheapest request."""
WITHOUT = {"ENTREPOT_REQUEST_LOG_ROWS": "0"}


@dataclass(frozen=True, slots=True)
class Share:
    """Microseconds of the server process for a request, by round, with the log and without it."""

    name: str
    logged: Sequence[float]
    bare: Sequence[float]

    @property
    def lost(self) -> float:
        """The part of the rate that a process loses whose processor is all that limits it, by the round of each that was disturbed
        least: whatever else goes on in the machine takes more than the log, and only ever adds.
        """
        return 1 - min(self.bare) / min(self.logged)

    def sentence(self) -> str:
        """For people."""
        verdict = "reached" if self.lost < MOST_LOST else "MISSED"
        return (
            f"{self.name} with the log of requests: {min(self.logged):.1f} us of the server process, without"
            f" {min(self.bare):.1f}; it loses {self.lost:.1%} of its rate (target: under {MOST_LOST:.0%}, {verdict})"
        )


def share(home: Path, environment: Mapping[str, str], plan: Plan, case: Case) -> Share:
    """Two servers on one database, in turn."""
    with (
        entrepot(_room(home, "logged"), environment) as logged,
        entrepot(_room(home, "bare"), {**environment, **WITHOUT}) as bare,
    ):
        for server in (logged, bare):
            wait_until_ready(server)
        (one,), (other,) = contenders(home, plan, logged, [case]), contenders(home, plan, bare, [case])
        run_rounds(plan, [one, other])
        return Share(case.name, one.cpu_of_runs, other.cpu_of_runs)


def _room(home: Path, name: str) -> Path:
    place = home / name
    place.mkdir()
    return place

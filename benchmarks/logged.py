"""What the log of requests takes from the requests that it notes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.cases import Case
from benchmarks.measure import Plan, contenders, run_rounds
from benchmarks.report import Row
from benchmarks.servers import entrepot, wait_until_ready

NAME = "log of requests"
MOST_LOST = 0.05
"""Of the rate of the cheapest request."""
WITHOUT = {"ENTREPOT_REQUEST_LOG_ROWS": "0"}


@dataclass(frozen=True, slots=True)
class Share:
    """The same case with the log and without it."""

    logged: Row
    bare: Row

    @property
    def lost(self) -> float:
        """The part of the rate that a process loses whose processor is all that limits it. What else goes on in the machine changes
        rates more than that, and this hardly.
        """
        return 1 - self.bare.cpu / self.logged.cpu

    def sentence(self) -> str:
        """For people."""
        verdict = "reached" if self.lost < MOST_LOST else "MISSED"
        return (
            f"{self.logged.name} with the log of requests: {self.logged.cpu:.1f} us of the server process, without"
            f" {self.bare.cpu:.1f}: {self.lost:.1%} of the rate (target: under {MOST_LOST:.0%}, {verdict});"
            f" {self.logged.rate:,.0f} and {self.bare.rate:,.0f} per second"
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
        return Share(one.row(), other.row())


def _room(home: Path, name: str) -> Path:
    place = home / name
    place.mkdir()
    return place

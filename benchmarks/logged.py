"""What the log of requests takes from the requests that it notes: of the server process, and of its database."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.cases import Case
from benchmarks.measure import WARM_UP_SECONDS, Contender, Plan, contenders
from benchmarks.servers import cpu_seconds_of_all, entrepot, wait_until_ready

NAME = "log of requests"
MOST_LOST = 0.05
"""Of the rate of the cheapest request."""
WITHOUT = {"ENTREPOT_REQUEST_LOG_ROWS": "0"}
SETTLE_SECONDS = 1.5
"""After a run, until what it noted is written."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Microseconds of the processor for a request."""

    server: float
    database: float


@dataclass(frozen=True, slots=True)
class Share:
    """What a request costs, by round, with the log and without it. Of each the round counts that was disturbed least: whatever
    else goes on in the machine takes more than the log, and only ever adds.
    """

    name: str
    logged: Sequence[Cost]
    bare: Sequence[Cost]

    @property
    def lost(self) -> float:
        """The part of the rate that a process loses whose processor is all that limits it."""
        return 1 - min(each.server for each in self.bare) / min(each.server for each in self.logged)

    @property
    def lost_in_all(self) -> float:
        """The same of a machine whose processors the server and its database share."""
        return 1 - _least(self.bare) / _least(self.logged)

    def sentence(self) -> str:
        """For people."""
        verdict = "reached" if max(self.lost, self.lost_in_all) < MOST_LOST else "MISSED"
        return (
            f"{self.name} with the log of requests, us of the server process and of the database: {_told(self.logged)};"
            f" without: {_told(self.bare)}. It loses {self.lost:.1%} of the rate of the process, {self.lost_in_all:.1%} of that"
            f" of both together (target: under {MOST_LOST:.0%}, {verdict})"
        )


def share(home: Path, environment: Mapping[str, str], postmaster: int, plan: Plan, case: Case) -> Share:
    """Two servers on one database, in turn."""
    with (
        entrepot(_room(home, "logged"), environment) as logged,
        entrepot(_room(home, "bare"), {**environment, **WITHOUT}) as bare,
    ):
        for server in (logged, bare):
            wait_until_ready(server)
        (one,), (other,) = contenders(home, plan, logged, [case]), contenders(home, plan, bare, [case])
        for each in (one, other):
            each.load.run(each.server.base_url, WARM_UP_SECONDS)
        costs = [(_cost(one, plan, postmaster), _cost(other, plan, postmaster)) for _ in range(plan.rounds)]
        return Share(case.name, [pair[0] for pair in costs], [pair[1] for pair in costs])


def _cost(contender: Contender, plan: Plan, postmaster: int) -> Cost:
    def so_far() -> tuple[float, float]:
        return contender.server.cpu_seconds(), cpu_seconds_of_all(postmaster)

    before = so_far()
    requests = contender.load.run(contender.server.base_url, plan.seconds).requests
    time.sleep(SETTLE_SECONDS)
    return Cost(*(1e6 * (now - then) / requests for then, now in zip(before, so_far(), strict=True)))


def _least(costs: Sequence[Cost]) -> float:
    return min(each.server + each.database for each in costs)


def _told(costs: Sequence[Cost]) -> str:
    return ", ".join(f"{each.server:.1f} + {each.database:.1f}" for each in costs)


def _room(home: Path, name: str) -> Path:
    place = home / name
    place.mkdir()
    return place

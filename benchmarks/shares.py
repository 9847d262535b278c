"""What something takes from a request, of the server process and of its database: two servers on one database, one of which has it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import WARM_UP_SECONDS, Contender, Plan
from benchmarks.servers import cpu_seconds_of_all

SETTLE_SECONDS = 1.5
"""After a run, until what it noted is written."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Microseconds of the processor for a request."""

    server: float
    database: float


@dataclass(frozen=True, slots=True)
class Share:
    """What a request costs, by round, with a thing and without it. Of each the round counts that was disturbed least: whatever
    else goes on in the machine takes more than the thing, and only ever adds. most: the part of the rate that it may take.
    """

    name: str
    thing: str
    most: float
    laden: Sequence[Cost]
    bare: Sequence[Cost]

    @property
    def lost(self) -> float:
        """The part of the rate that a process loses whose processor is all that limits it."""
        return 1 - min(each.server for each in self.bare) / min(each.server for each in self.laden)

    @property
    def lost_in_all(self) -> float:
        """The same of a machine whose processors the server and its database share."""
        return 1 - _least(self.bare) / _least(self.laden)

    def sentence(self) -> str:
        """For people."""
        verdict = "reached" if max(self.lost, self.lost_in_all) < self.most else "MISSED"
        return (
            f"{self.name} with the {self.thing}, us of the server process and of the database: {_told(self.laden)};"
            f" without: {_told(self.bare)}. It loses {self.lost:.1%} of the rate of the process, {self.lost_in_all:.1%} of that"
            f" of both together (target: under {self.most:.0%}, {verdict})"
        )


def share(
    case: str, thing: str, most: float, plan: Plan, postmaster: int, laden: Contender, bare: Contender
) -> Share:
    """Both in turn."""
    for each in (laden, bare):
        each.load.run(each.server.base_url, WARM_UP_SECONDS)
    costs = [(_cost(laden, plan, postmaster), _cost(bare, plan, postmaster)) for _ in range(plan.rounds)]
    return Share(case, thing, most, [pair[0] for pair in costs], [pair[1] for pair in costs])


def room(home: Path, name: str) -> Path:
    """For the log and the requests of one of the servers."""
    place = home / name
    place.mkdir()
    return place


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

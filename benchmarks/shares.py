"""What something takes from a request, of the server process and of its database: two servers on one database, one of which has it.

Compared is processor time for a request, of the server's process and of those of the database that serve it: the rate that both could
have. They are loaded in turn, in slices of some hundredths of a second, so that whatever else the machine does meets both alike;
of a round of slices the median counts, since a slice that was disturbed takes twice as long. What is done once a second (the log is
written) is in few slices: it is measured in seconds without load, and shared out among the requests of a second.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Self

import uvloop

from benchmarks.backends import Backends, Own
from benchmarks.cases import Case
from benchmarks.http_connection import HttpConnection
from benchmarks.servers import Server, entrepot, wait_until_ready

ROUNDS = 16
ROUND_SECONDS = 2.5
RESTS = 4
"""Seconds without load, each after a slice."""
SLICE = 5
"""Requests of each connection."""
WARM_UP_SECONDS = 3.0
"""Of each alone: its log is written within them, so that all its connections to the database are known to be its own."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Microseconds of the processor for a request; the database's are those of the processes that serve the server."""

    server: float
    database: float

    @property
    def together(self) -> float:
        return self.server + self.database

    def since(self, before: Cost, number: float) -> Cost:
        """Of each of so many, where both tell of all so far."""
        return Cost((self.server - before.server) / number, (self.database - before.database) / number)

    @classmethod
    def median(cls, of: Sequence[Cost]) -> Self:
        """Of the server and of the database each by itself."""
        return cls(median(each.server for each in of), median(each.database for each in of))


@dataclass(frozen=True, slots=True)
class Lost:
    """The part of a rate that is lost: the median of all rounds, and the quarters on both sides of it."""

    low: float
    middle: float
    high: float

    @classmethod
    def of(cls, laden: Sequence[float], bare: Sequence[float]) -> Self:
        """laden, bare: what a request costs, by round."""
        return cls(*quantiles([1 - two / one for one, two in zip(laden, bare, strict=True)], n=4))

    def __str__(self) -> str:
        return f"{self.middle:.1%} ({self.low:.1%} to {self.high:.1%})"


@dataclass(frozen=True, slots=True)
class Share:
    """What a request costs, by round, with a thing and without it. most: the part of the rate that it may take."""

    name: str
    thing: str
    most: float
    laden: Sequence[Cost]
    bare: Sequence[Cost]

    @property
    def lost(self) -> Lost:
        """Of the rate of a process whose processor is all that limits it."""
        return Lost.of([each.server for each in self.laden], [each.server for each in self.bare])

    @property
    def lost_in_all(self) -> Lost:
        """Of that of a machine whose processors the server and its database share."""
        return Lost.of([each.together for each in self.laden], [each.together for each in self.bare])

    def sentence(self) -> str:
        """For people."""
        verdict = "reached" if max(self.lost.middle, self.lost_in_all.middle) < self.most else "MISSED"
        return (
            f"{self.name} with the {self.thing}, us of the server process and of the database: {_told(self.laden)};"
            f" without: {_told(self.bare)}. It loses {self.lost} of the rate of the process, {self.lost_in_all} of that of both"
            f" together; medians and quarters of {len(self.laden)} rounds (target: under {self.most:.0%}, {verdict})"
        )


class Side:
    """One of the two servers."""

    def __init__(self, server: Server, backends: Backends) -> None:
        self.server = server
        self._backends = backends
        self._own = Own(backends.new())

    def claim(self) -> None:
        """What has come of the database's processes since this was last asked is its own."""
        self._own.add(self._backends.new())

    def spent(self) -> Cost:
        """So far, of all requests."""
        return Cost(1e6 * self.server.cpu_seconds(), 1e6 * self._own.cpu_seconds())


class Slices:
    """A case of one server, over connections that are kept."""

    def __init__(self, of: Side, case: Case, connections: Sequence[HttpConnection]) -> None:
        self.of = of
        self._requests = itertools.cycle(case.requests)
        self._connections = connections

    async def one(self) -> Cost:
        """SLICE requests over each connection: what one of them cost."""
        before = self.of.spent()
        await asyncio.gather(*(self._some(each) for each in self._connections))
        return self.of.spent().since(before, SLICE * len(self._connections))

    async def warm_up(self) -> None:
        """Alone, so that its processes of the database are known."""
        until = time.monotonic() + WARM_UP_SECONDS
        while time.monotonic() < until:
            await self.one()
        self.of.claim()

    async def rest(self) -> Cost:
        """What a second costs that follows a slice."""
        await self.one()
        before = self.of.spent()
        await asyncio.sleep(1)
        return self.of.spent().since(before, 1)

    async def _some(self, connection: HttpConnection) -> None:
        for _ in range(SLICE):
            await connection.send(next(self._requests))


def room(home: Path, name: str) -> Path:
    """For the log of one of several servers."""
    place = home / name
    place.mkdir()
    return place


@contextmanager
def side(home: Path, name: str, environment: Mapping[str, str], backends: Backends) -> Iterator[Side]:
    """A server that is ready; its log is below `home`."""
    backends.new()
    with entrepot(room(home, name), environment) as server:
        wait_until_ready(server)
        yield Side(server, backends)


def share(
    thing: str, most: float, connections: int, laden: tuple[Side, Case], bare: tuple[Side, Case]
) -> Share:
    """Both in turn, each asked for its case."""
    costs = uvloop.run(_costs(connections, (laden, bare)))
    return Share(bare[1].name, thing, most, *costs)


async def _costs(connections: int, both: Sequence[tuple[Side, Case]]) -> tuple[list[Cost], list[Cost]]:
    """Of each, by round."""
    costs: tuple[list[Cost], list[Cost]] = [], []
    async with AsyncExitStack() as stack:
        teams = []
        for each, case in both:
            url = each.server.base_url
            kept = [await stack.enter_async_context(HttpConnection(url)) for _ in range(connections)]
            teams.append(Slices(each, case, kept))
        for team in teams:
            await team.warm_up()
        rests = [Cost.median([await team.rest() for _ in range(RESTS)]) for team in teams]
        for _ in range(ROUNDS):
            slices: list[list[Cost]] = [[], []]
            until = time.monotonic() + ROUND_SECONDS
            while time.monotonic() < until:
                for place in (0, 1, 1, 0):
                    slices[place].append(await teams[place].one())
            for found, some, rest in zip(costs, slices, rests, strict=True):
                found.append(_with_rest(Cost.median(some), rest))
    return costs


def _with_rest(cost: Cost, rest: Cost) -> Cost:
    """And the part of what is done once a second that falls to one of as many requests as the process has time for."""
    part = cost.server / 1e6
    return Cost(cost.server + rest.server * part, cost.database + rest.database * part)


def _told(costs: Sequence[Cost]) -> str:
    cost = Cost.median(costs)
    return f"{cost.server:.1f} + {cost.database:.1f}"

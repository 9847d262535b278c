"""The measurement: rounds over all contenders, logins beside requests, statements per request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import report
from benchmarks.cases import Case
from benchmarks.client import send
from benchmarks.load import Figures, Load
from benchmarks.servers import Server
from benchmarks.statements import StatementLog

WARM_UP_SECONDS = 2
FEW_CONNECTIONS = 4
"""For latencies: the server has time to spare."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how hard: seconds of each run, connections of the load."""

    rounds: int
    seconds: int
    connections: int


@dataclass(slots=True)
class Contender:
    """A case of one server and what its runs have shown."""

    case: Case
    server: Server
    load: Load
    runs: list[Figures] = field(default_factory=list)
    cpu_seconds: list[float] = field(default_factory=list)
    statements: int | None = None
    lists: Counter[str] = field(default_factory=Counter)
    """By what the lists of products were counted."""

    def run(self, seconds: int) -> None:
        lists = self.server.lists()
        before = self.server.cpu_seconds()
        with self.case.beside():
            self.runs.append(self.load.run(self.server.base_url, seconds))
        self.cpu_seconds.append(self.server.cpu_seconds() - before)
        self.lists += self.server.lists() - lists

    @property
    def cpu_of_runs(self) -> list[float]:
        """Microseconds of the server process per request, by run."""
        return [1e6 * cpu / run.requests for cpu, run in zip(self.cpu_seconds, self.runs, strict=True)]

    def row(self) -> report.Row:
        cpu = 1e6 * sum(self.cpu_seconds) / sum(run.requests for run in self.runs)
        return report.Row(
            self.case.name, tuple(self.runs), cpu, self.case.target, self.statements, dict(self.lists)
        )


def contenders(home: Path, plan: Plan, server: Server, cases: Sequence[Case]) -> list[Contender]:
    """One for each case of a server; their request files are in `home`."""
    return [
        Contender(case, server, Load(home, f"{server.name}-{number}", case.requests, plan.connections))
        for number, case in enumerate(cases)
    ]


def run_rounds(plan: Plan, all_contenders: Sequence[Contender]) -> None:
    """Every contender in turn, so that whatever slows the machine down for a while meets all of them."""
    for each in all_contenders:
        each.load.run(each.server.base_url, WARM_UP_SECONDS)
    for _ in range(plan.rounds):
        for each in all_contenders:
            each.run(plan.seconds)


def latencies_beside_logins(
    home: Path, plan: Plan, server: Server, case: Case, logins: Case
) -> list[tuple[str, list[Figures]]]:
    """Latencies of a case with few connections: alone, and while other connections log in without a pause."""
    load = Load(home, "latency", case.requests, FEW_CONNECTIONS)
    background = Load(home, "logins", logins.requests, FEW_CONNECTIONS)
    alone: list[Figures] = []
    beside: list[Figures] = []
    for _ in range(plan.rounds):
        alone.append(load.run(server.base_url, plan.seconds))
        running = background.start(server.base_url, plan.seconds + 1)
        beside.append(load.run(server.base_url, plan.seconds))
        background.finish(running)
    return [("alone", alone), (f"beside logins over {FEW_CONNECTIONS} connections", beside)]


def count_statements(log: StatementLog, server: Server, all_contenders: Sequence[Contender]) -> None:
    """Fill in the statements of the contenders' first requests, as this server sends them, which does nothing beside them."""
    for each in all_contenders:
        requests = iter(each.case.requests * 20)
        each.statements = log.count(lambda: send(server.base_url, next(requests)))  # noqa: B023

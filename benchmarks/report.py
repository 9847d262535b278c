"""The figures as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from rich.console import Console
from rich.table import Table

from benchmarks.deliveries import TARGET as DELIVERY_TARGET
from benchmarks.deliveries import Rates
from benchmarks.hooked import LATENCY_TARGET, WRITE_TARGET, Costs
from benchmarks.load import Figures
from benchmarks.waiting import LONGEST, Waits

MOST_WAITS = 10
FIRST_PAGE_TARGET = 50.0
MEMORY_TARGET = 150.0
"""MiB of a server process after the load."""
INDEX_TARGET = 300.0
"""The same of one that has indexed the catalog."""


@dataclass(frozen=True, slots=True)
class Row:
    """A case's runs with the processor time of the server process per request, in microseconds."""

    name: str
    runs: tuple[Figures, ...]
    cpu: float
    target: float | None = None
    statements: int | None = None
    lists: Mapping[str, int] = field(default_factory=dict)
    """Of products, by what counted them."""

    @property
    def rate(self) -> float:
        return median(run.rate for run in self.runs)


@dataclass(slots=True)
class StepRow:
    """A step of the journey: milliseconds of the server process, statements, and the most there may be of each."""

    name: str
    milliseconds: float
    most_milliseconds: float | None = None
    statements: int | None = None
    most_statements: int | None = None


@dataclass(frozen=True, slots=True)
class Flow:
    """Whole orders: per second, and milliseconds of the server process for one."""

    rate: float
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Submission:
    """What a submitted order costs, with all that follows: statements, milliseconds of the server process and of the database."""

    statements: float
    server: float
    database: float


def print_rates(console: Console, rows: Sequence[Row], limit: Row) -> None:
    """Medians over the rounds; the ratio is to `limit`."""
    table = Table(title="Answers of one process", title_justify="left")
    table.add_column("Case", no_wrap=True)
    for heading in ("per second", "ratio", "target", "p50 ms", "p99 ms", "CPU us", "statements"):
        table.add_column(heading, justify="right")
    for row in rows:
        table.add_row(
            row.name,
            f"{row.rate:,.0f}",
            f"{row.rate / limit.rate:.3f}",
            _target(row, limit),
            f"{median(run.p50 for run in row.runs):.2f}",
            f"{median(run.p99 for run in row.runs):.2f}",
            f"{row.cpu:,.0f}",
            "" if row.statements is None else str(row.statements),
        )
    console.print(table)
    for row in rows:
        if row.lists:
            by = ", ".join(f"{count:,} by the {by}" for by, count in sorted(row.lists.items()) if count)
            console.print(f"{row.name}: counted {by}")


def print_first_pages(console: Console, milliseconds: Sequence[float]) -> None:
    """Of shoppers of whom nothing was known."""
    console.print(
        f"First page of a shopper never seen before: {median(milliseconds):.0f} ms, the slowest of"
        f" {len(milliseconds)} {max(milliseconds):.0f} ms (target: {FIRST_PAGE_TARGET:.0f})"
    )


def print_latencies(console: Console, title: str, runs: Sequence[tuple[str, Sequence[Figures]]]) -> None:
    """Percentiles of the same case under different conditions."""
    table = Table(title=title, title_justify="left")
    table.add_column("Condition", no_wrap=True)
    for heading in ("per second", "p50 ms", "p99 ms"):
        table.add_column(heading, justify="right")
    for name, figures in runs:
        table.add_row(
            name,
            f"{median(run.rate for run in figures):,.0f}",
            f"{median(run.p50 for run in figures):.2f}",
            f"{median(run.p99 for run in figures):.2f}",
        )
    console.print(table)


def print_journey(
    console: Console, rows: Sequence[StepRow], flows: Sequence[Flow], target: float, limit: Row
) -> None:
    """The steps, and the rate of whole orders beside that of `limit`."""
    table = Table(title="The shopping journey", title_justify="left")
    table.add_column("Step", no_wrap=True)
    for heading in ("CPU ms", "at most", "statements", "at most"):
        table.add_column(heading, justify="right")
    for row in rows:
        table.add_row(
            row.name,
            f"{row.milliseconds:.2f}",
            _most(row.milliseconds, row.most_milliseconds),
            "" if row.statements is None else str(row.statements),
            _most(row.statements, row.most_statements),
        )
    console.print(table)
    rate = median(flow.rate for flow in flows)
    console.print(
        f"Create an order, add a line, set an address, submit: {rate:,.0f} per second, ratio {rate / limit.rate:.4f}"
        f" (target: {target:g}, {_verdict(rate / limit.rate >= target)}),"
        f" {median(flow.milliseconds for flow in flows):.1f} ms of the server process"
    )


def print_submissions(console: Console, laden: Submission, alone: Submission) -> None:
    """What a submitted order costs with all that follows, beside what the request alone does."""
    console.print(
        f"A submitted order with what follows it: {laden.statements:.0f} statements, {laden.server:.1f} ms of the server process,"
        f" {laden.database:.1f} of the database; the request alone: {alone.statements:.0f}, {alone.server:.1f}, {alone.database:.1f}"
    )


def print_waits(console: Console, waits: Mapping[str, Waits]) -> None:
    """The longest wait for each kind of request, and for the single ones that make others wait longest."""
    table = Table(
        title=f"Milliseconds that others wait for the process, at most {LONGEST:g}", title_justify="left"
    )
    table.add_column("While one request is answered", no_wrap=True)
    for heading in ("/healthz", "GET /v1/me of another marketplace"):
        table.add_column(heading, justify="right")
    kinds: dict[str, Waits] = {}
    for name, wait in waits.items():
        kind = f"the worst {name.split(' ')[0]} of all" if " " in name else name
        known = kinds.get(kind, Waits(0, 0))
        kinds[kind] = Waits(max(known.healthz, wait.healthz), max(known.me, wait.me))
    longest = sorted(waits, key=lambda name: -waits[name].longest)[:MOST_WAITS]
    for name, wait in (*kinds.items(), *((name, waits[name]) for name in longest)):
        table.add_row(name, f"{wait.healthz:.0f}", f"{wait.me:.0f}")
    console.print(table)


def print_deliveries(console: Console, rates: Rates, costs: Costs) -> None:
    """What deliveries take, and what they take from others."""
    console.print(
        f"Deliveries of one dispatcher: {median(rates.delivered):,.0f} per second, bare posts {median(rates.posted):,.0f},"
        f" ratio {rates.ratio:.2f} (target: {DELIVERY_TARGET:g}, {_verdict(rates.ratio >= DELIVERY_TARGET)})"
    )
    plain, hooked = (
        (median(each.rate for each in some), median(each.processor for each in some))
        for some in (costs.plain, costs.hooked)
    )
    console.print(
        f"A write with a post-hook: {hooked[0]:,.0f} per second, without {plain[0]:,.0f}, ratio {costs.of_writes:.2f}"
        f" (target: {WRITE_TARGET:g}, {_verdict(costs.of_writes >= WRITE_TARGET)}); processor time of the server process"
        f" {hooked[1]:,.0f} us, without {plain[1]:,.0f}, ratio {costs.of_processor:.2f}"
    )
    console.print(
        f"p99 of GET /v1/me beside 10,000 deliveries to a dead endpoint: {costs.beside:.1f} ms, idle {costs.idle:.1f},"
        f" ratio {costs.of_others:.2f} (target: {LATENCY_TARGET:g}, {_verdict(costs.of_others <= LATENCY_TARGET)})"
    )


def print_memory(console: Console, before: float, after: float, quiet: float, *, indexed: bool) -> None:
    """Resident memory of the server process. indexed: whether it has indexed the catalog."""
    target = INDEX_TARGET if indexed else MEMORY_TARGET
    console.print(
        f"Memory of the server process: {before:.0f} MiB before the load, {after:.0f} MiB after it"
        f" (target: under {target:.0f}, {_verdict(after < target)}), {quiet:.0f} MiB after a quiet moment"
    )


def print_seconds(console: Console, what: str, seconds: float, target: float) -> None:
    """How long something took."""
    console.print(f"{what}: {seconds:.0f} s (target: under {target:.0f}, {_verdict(seconds < target)})")


def _target(row: Row, limit: Row) -> str:
    if row.target is None:
        return ""
    return f"{row.target:g} {_verdict(row.rate / limit.rate >= row.target)}"


def _most(value: float | None, most: float | None) -> str:
    if value is None or most is None:
        return ""
    return f"{most:g} {_verdict(value <= most)}"


def _verdict(reached: bool) -> str:
    return "reached" if reached else "MISSED"

"""Prometheus metrics by operation id.

With several worker processes each scrape reaches an arbitrary one, so the processes share files: set
PROMETHEUS_MULTIPROC_DIR to an empty directory before Python imports this module, and /metrics sums them up. Without
it the process counts in memory.
"""

from __future__ import annotations

import asyncio
import atexit
import os
from bisect import bisect_left
from contextlib import suppress
from dataclasses import dataclass, field

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

CONTENT_TYPE = CONTENT_TYPE_LATEST
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)

REQUESTS = Counter("entrepot_requests", "Requests answered", ("operation", "status"))
SECONDS = Histogram("entrepot_request_seconds", "Time to answer a request", ("operation",), buckets=BUCKETS)

CONNECTIONS = Gauge("entrepot_connections", "Open connections of clients", multiprocess_mode="livesum")

LISTENERS = Gauge("entrepot_event_listeners", "Streams of events that are open", multiprocess_mode="livesum")

NOT_LOGGED = Counter("entrepot_requests_not_logged", "Requests that the log of requests has to do without")

TOLD_AFTER = 0.05
"""Seconds after which the metrics know of a request at the latest."""


@dataclass(slots=True)
class _Tally:
    """Requests of one operation and status. buckets: of each bound how many took at most so long and longer than the one before."""

    seconds: float = 0.0
    buckets: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS) + 1))


_answered, _spent = [0], [0.0]
_tallies: dict[tuple[str, int], _Tally] = {}


def observe(operation: str, status: int, seconds: float) -> None:
    """Count a request that has been answered; "" stands for requests that reached no operation."""
    _answered[0] += 1
    _spent[0] += seconds
    observe_part(operation, status, seconds)


def observe_part(operation: str, status: int, seconds: float) -> None:
    """Count one that was answered as a part of another, whose time it has taken."""
    tally = _tallies.get((operation, status))
    if tally is None:
        if not _tallies:
            _tell_soon()
        tally = _tallies[operation, status] = _Tally()
    tally.seconds += seconds
    tally.buckets[bisect_left(BUCKETS, seconds)] += 1


def answered() -> tuple[int, float]:
    """How many requests this process has answered so far, and the seconds that they took together."""
    return _answered[0], _spent[0]


def _tell_soon() -> None:
    # Where no event loop runs, whoever asks is told, and the end of the process.
    with suppress(RuntimeError):
        asyncio.get_running_loop().call_later(TOLD_AFTER, tell)


def tell() -> None:
    """Let the metrics know of the requests that have been counted: of all that are alike at once, since their locks and labels make
    one of them cost a request 3 us.
    """
    for (operation, status), tally in _tallies.items():
        REQUESTS.labels(operation, str(status)).inc(sum(tally.buckets))
        histogram = SECONDS.labels(operation)
        # As `observe`, which takes one at a time.
        histogram._sum.inc(tally.seconds)  # noqa: SLF001
        for value, number in zip(histogram._buckets, tally.buckets, strict=True):  # noqa: SLF001
            value.inc(number)
    _tallies.clear()


atexit.register(tell)


def exposition() -> bytes:
    """All metrics in Prometheus' text form."""
    tell()
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)
    return generate_latest(REGISTRY)

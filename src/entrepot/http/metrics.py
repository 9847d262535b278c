"""Prometheus metrics by operation id.

With several worker processes each scrape reaches an arbitrary one, so the processes share files: set
PROMETHEUS_MULTIPROC_DIR to an empty directory before Python imports this module, and /metrics sums them up. Without
it the process counts in memory.
"""

from __future__ import annotations

import os

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

_answered, _spent = [0], [0.0]
_requests: dict[tuple[str, int], Counter] = {}
_seconds: dict[str, Histogram] = {}


def observe(operation: str, status: int, seconds: float) -> None:
    """Count a request that has been answered; "" stands for requests that reached no operation."""
    _answered[0] += 1
    _spent[0] += seconds
    observe_part(operation, status, seconds)


def observe_part(operation: str, status: int, seconds: float) -> None:
    """Count one that was answered as a part of another, whose time it has taken."""
    # `labels` takes a lock and formats its arguments: the children are looked up once.
    counter = _requests.get((operation, status))
    if counter is None:
        counter = _requests[operation, status] = REQUESTS.labels(operation, str(status))
    counter.inc()
    histogram = _seconds.get(operation)
    if histogram is None:
        histogram = _seconds[operation] = SECONDS.labels(operation)
    histogram.observe(seconds)


def answered() -> tuple[int, float]:
    """How many requests this process has answered so far, and the seconds that they took together."""
    return _answered[0], _spent[0]


def exposition() -> bytes:
    """All metrics in Prometheus' text form."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)
    return generate_latest(REGISTRY)

"""When an endpoint is left alone: while it is down, its deliveries wait without using up attempts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from entrepot.domain.deliveries.retries import Result

FAILURES = 5
"""In a row, as of an endpoint that is down, after which it is left alone."""
RESPITE = timedelta(seconds=30)
"""For which it is; then one delivery tries whether it answers."""
BUSY = frozenset({429, 503})
"""Answers by which an endpoint may say for how long it wants nothing at all."""


@dataclass(frozen=True, slots=True)
class Circuit:
    """failures: in a row. open_until: until when the endpoint is left alone; None where it is not."""

    failures: int = 0
    open_until: datetime | None = None


def following(circuit: Circuit, results: Iterable[Result], now: datetime) -> Circuit:
    """The circuit after some results, in the order in which they came."""
    failures, open_until = circuit.failures, circuit.open_until
    for result in results:
        if result.is_down:
            failures += 1
            if failures >= FAILURES:
                open_until = now + RESPITE
        else:
            # It answers.
            failures, open_until = 0, None
        if result.retry_after and result.status in BUSY:
            open_until = max(open_until or now, now + result.retry_after)
    return Circuit(failures, open_until)

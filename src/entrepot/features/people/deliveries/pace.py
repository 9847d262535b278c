"""How many deliveries a process takes of one endpoint: more of one that answers quickly."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter

AT_ONCE = 10
"""Deliveries to one endpoint under way in one process."""
MOST = 100
"""Of one endpoint, under way and waiting for their turn."""
AHEAD = 3.0
"""Seconds for which a process takes deliveries in advance, at the pace of the endpoint."""
WEIGHT = 0.2
"""Of the newest duration."""


@dataclass(slots=True)
class Pace:
    """What is known of one endpoint. Without a delivery that has ended it gets no more than are under way at once."""

    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    failures: int = 0
    """Attempts of this process in a row that looked like an endpoint that is down."""
    held: int = 0
    """Taken, and not done."""
    _seconds: float | None = None

    @property
    def room(self) -> int:
        """How many more may be taken."""
        if self._seconds is None or self.failures:
            return AT_ONCE - self.held
        ahead = int(AT_ONCE * AHEAD / max(self._seconds, 0.001))
        return max(AT_ONCE, min(MOST, ahead)) - self.held

    def taken(self) -> None:
        """One more is held."""
        self.held += 1

    def done(self) -> None:
        """One is held no more."""
        self.held -= 1

    @contextmanager
    def measured(self) -> Iterator[None]:
        """A delivery, from its beginning to its end."""
        begun = perf_counter()
        try:
            yield
        finally:
            seconds = perf_counter() - begun
            self._seconds = (
                seconds if self._seconds is None else (1 - WEIGHT) * self._seconds + WEIGHT * seconds
            )

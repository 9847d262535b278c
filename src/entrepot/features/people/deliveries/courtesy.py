"""Deliveries have the processor after requests: a process that answers many begins few deliveries meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

BUSY, ENGAGED = 50.0, 0.5
"""Requests answered in a second, and how many of them were under way at any moment, from which on a process gives way: where as many
are answered quickly there is time for both.
"""
PERIOD, AT_ONCE = 0.5, 16
"""Seconds in which it begins so many events and as many attempts while it does, all at their beginning: what is claimed, stored and noted
one by one takes several times as much of the processor as together.
"""
LOOK = 0.1
"""Seconds over which requests are counted."""

Answered = Callable[[], tuple[int, float]]
"""How many requests a process has answered so far, and the seconds that they took together."""


@dataclass(slots=True)
class Courtesy:
    """answered: None where the process answers none, and gives way to nobody."""

    answered: Answered | None = None
    gives_way: Callable[[], object] = lambda: None
    """Called when it begins to: whoever else delivers may take over."""
    _counted_at: float = field(default_factory=monotonic)
    _counted: tuple[int, float] = (0, 0.0)
    _busy: bool = False
    _since: float = 0.0
    """When the last period begins of which turns are given away."""
    _given: int = 0
    """How many of it."""

    async def turn(self, number: int = 1) -> None:
        """Wait until so many may begin; not at all while the process is not busy."""
        if self.answered is None:
            return
        now = monotonic()
        if now - self._counted_at >= LOOK:
            self._look(self.answered(), now)
        if self._busy:
            if now >= self._since + PERIOD:
                self._since, self._given = now, 0
            elif self._given + number > AT_ONCE:
                self._since, self._given = self._since + PERIOD, 0
            self._given += number
            await asyncio.sleep(max(self._since - now, 0.0))

    def _look(self, answered: tuple[int, float], now: float) -> None:
        before, seconds = self._busy, now - self._counted_at
        count, spent = (new - old for new, old in zip(answered, self._counted, strict=True))
        self._busy = count > BUSY * seconds and spent > ENGAGED * seconds
        self._counted_at, self._counted = now, answered
        if self._busy and not before:
            self.gives_way()

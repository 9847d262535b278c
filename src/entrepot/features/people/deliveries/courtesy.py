"""Deliveries have the processor after requests: a process that answers many begins few deliveries meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

BUSY = 50.0
"""Requests answered in a second from which on a process gives way."""
RATE = 30.0
"""What it begins in a second while it does: events that are expanded, and as many attempts."""
LOOK = 0.1
"""Seconds over which requests are counted."""


@dataclass(slots=True)
class Courtesy:
    """answered: how many requests this process has answered so far; None where it answers none, and gives way to nobody."""

    answered: Callable[[], int] | None = None
    gives_way: Callable[[], object] = lambda: None
    """Called when it begins to: whoever else delivers may take over."""
    _counted_at: float = field(default_factory=monotonic)
    _count: int = 0
    _busy: bool = False
    _next: float = 0.0

    async def turn(self, number: int = 1) -> None:
        """Wait until so many may begin; not at all while the process is not busy."""
        if self.answered is None:
            return
        now = monotonic()
        if now - self._counted_at >= LOOK:
            count, before = self.answered(), self._busy
            self._busy = (count - self._count) / (now - self._counted_at) > BUSY
            self._counted_at, self._count = now, count
            if self._busy and not before:
                self.gives_way()
        if self._busy:
            self._next = max(self._next, now) + number / RATE
            await asyncio.sleep(self._next - now)

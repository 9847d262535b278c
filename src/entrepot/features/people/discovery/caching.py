"""What is asked abroad once for many: answers kept for a while, as many as are bounded, each asked for by one at a time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

Value = TypeVar("Value")


@dataclass(slots=True)
class _Entry(Generic[Value]):
    asked: asyncio.Task[Value]
    until: float


class Kept(Generic[Value]):
    """Answers by key.

    most: how many are kept; of more the oldest go. seconds: how long an answer is good.
    """

    def __init__(
        self, most: int, seconds: Callable[[Value], float], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most = most
        self._seconds = seconds
        self._clock = clock
        self._entries: dict[Hashable, _Entry[Value]] = {}

    async def get(self, key: Hashable, ask: Callable[[], Awaitable[Value]]) -> Value:
        """The answer that is kept, or that somebody is waiting for already, or a new one."""
        entry = self._entries.get(key)
        if entry is None or (entry.asked.done() and self._clock() >= entry.until):
            entry = self._ask(key, ask)
        # Whoever hangs up does not end what others wait for.
        return await asyncio.shield(entry.asked)

    def forget(self, key: Hashable) -> None:
        self._entries.pop(key, None)

    def _ask(self, key: Hashable, ask: Callable[[], Awaitable[Value]]) -> _Entry[Value]:
        self._entries.pop(key, None)
        while len(self._entries) >= self._most:
            del self._entries[next(iter(self._entries))]
        entry = self._entries[key] = _Entry(asyncio.ensure_future(ask()), 0.0)
        entry.asked.add_done_callback(lambda asked: self._answered(key, entry, asked))
        return entry

    def _answered(self, key: Hashable, entry: _Entry[Value], asked: asyncio.Task[Value]) -> None:
        if asked.cancelled() or asked.exception() is not None:
            if self._entries.get(key) is entry:
                del self._entries[key]
            return
        entry.until = self._clock() + self._seconds(asked.result())

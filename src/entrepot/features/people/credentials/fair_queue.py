"""Slow work of several parties in a few threads: each party has its turn, and none may line up without end."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable
from concurrent.futures import Executor
from typing import Any, TypeVar

from entrepot.kernel.errors import TooBusyError

T = TypeVar("T")
Waiting = deque[asyncio.Future[None]]


class FairQueue:
    """At most `threads` pieces of work at once. Those of one party wait in one line, of at most `longest` pieces; the
    lines take turns.
    """

    def __init__(self, executor: Executor, threads: int, longest: int) -> None:
        self._executor = executor
        self._free = threads
        self._longest = longest
        self._lines: OrderedDict[Hashable, Waiting] = OrderedDict()

    async def run(self, party: Hashable, work: Callable[[], T]) -> T:
        """The result of the work. Raises TooBusyError where the party's line is full, and what the work raises."""
        await self._turn(party)
        try:
            return await asyncio.get_running_loop().run_in_executor(self._executor, work)
        finally:
            self._next()

    async def _turn(self, party: Hashable) -> None:
        if self._free:
            self._free -= 1
            return
        line = self._lines.setdefault(party, deque())
        if len(line) >= self._longest:
            raise TooBusyError
        turn: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        line.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                # The turn had come already: it is the next one's.
                self._next()
            else:
                self._forget(party, turn)
            raise

    def _next(self) -> None:
        """Hand the thread on to the line that has waited longest since its last turn."""
        while self._lines:
            party, line = self._lines.popitem(last=False)
            turn = line.popleft()
            if line:
                self._lines[party] = line
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1

    def _forget(self, party: Hashable, turn: asyncio.Future[Any]) -> None:
        line = self._lines.get(party)
        if line is not None and turn in line:
            line.remove(turn)
            if not line:
                del self._lines[party]

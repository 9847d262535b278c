"""One who listens: what he wants, how far he is, and the pieces of his stream."""

from __future__ import annotations

import asyncio
import enum
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Protocol

from entrepot.domain.events.wanted import Wanted
from entrepot.features.people.events.telling import Told, beat, greeting, notice

HEARTBEAT = 15.0
"""Seconds after which somebody who hears nothing is told that nothing has happened."""
TOGETHER = 200
"""Events that one piece has at most, and that are looked at before others have their turn."""
SLOW = 30.0
"""Seconds that a piece may take to leave."""


class End(enum.StrEnum):
    """Why a stream ends, as its last event says; nobody is told what he does not hear."""

    EXPIRED = "TokenExpired"
    REFUSED = "TokenRefused"
    STOPPING = "ServerStopping"
    SLOW = "TooSlow"
    LOG = "Forgotten"
    GONE = "Gone"


@dataclass(frozen=True, slots=True)
class Ear:
    """What is known of a listener when he begins. token: "" where it was the key of the test bench. after: the number up to which he knows all; epoch: the security epoch at which his
    token was looked at; ends_at: when it ends, by the loop's clock.
    """

    wanted: Wanted
    token: str
    epoch: int
    after: int
    ends_at: float


class Source(Protocol):
    """What a listener hears; a feed is one."""

    async def after(self, number: int, most: int) -> list[Told] | None:
        """Events after a number, as many as there are at hand; None where some of them are known no more."""
        ...

    def leave(self, listener: Listener) -> None:
        """He listens no more."""
        ...


class Listener:
    """A stream; implements declare.operation.Stream."""

    def __init__(self, ear: Ear, source: Source) -> None:
        self.token, self.epoch = ear.token, ear.epoch
        self.number = ear.after
        """Up to which he has been told, of what he wants, all."""
        self._said = -1
        self.begun = False
        self.since = asyncio.get_running_loop().time()
        self._ear, self._source = ear, source
        self._woken = asyncio.Event()
        self._ended: End | None = None
        self._cut: Callable[[], object] = lambda: None
        self._sending: float | None = None
        self._caught_up = False

    def __aiter__(self) -> AsyncIterator[bytes]:
        self.begun = True
        return self._pieces()

    def attach(self, cut: Callable[[], object]) -> None:
        """His connection is there."""
        self._cut = cut

    def wake(self) -> None:
        """There is more in the feed."""
        self._woken.set()

    def end(self, *, gone: bool) -> None:
        """He is gone, or the server stops."""
        self.finish(End.GONE if gone else End.STOPPING)

    def finish(self, why: End) -> None:
        """After what is on its way nothing follows but why."""
        self._ended = self._ended or why
        self._woken.set()

    async def close(self) -> None:
        """Make room for another."""
        self._ended = self._ended or End.GONE
        self._source.leave(self)

    def look_after(self, now: float, since: int) -> None:
        """Let him go who takes nothing: too long for one piece, or, once he had caught up, until what he lacks is in memory no more
        (before `since`).
        """
        self._caught_up = self._caught_up or self.number >= since
        if self._sending is not None and (
            now - self._sending > SLOW or (self._caught_up and self.number < since)
        ):
            self.finish(End.SLOW)
            self._cut()

    async def _pieces(self) -> AsyncIterator[bytes]:
        self._said = self.number
        yield greeting(self.number)
        while self._ended is None:
            self._woken.clear()
            piece = await self._next()
            if piece is None:
                piece = await self._wait()
            if piece:
                self._sending = asyncio.get_running_loop().time()
                yield piece
                self._sending = None
        if self._ended is not End.GONE:
            yield notice(
                "gap" if self._ended is End.LOG else "end", {"Reason": self._ended, "Number": self.number}
            )

    async def _next(self) -> bytes | None:
        """What there is for him; None where he has come to the end."""
        found = await self._source.after(self.number, TOGETHER)
        if found is None:
            self.finish(End.LOG)
            return b""
        if not found:
            return None
        self.number = found[-1].number
        wanted = [each for each in found if self._ear.wanted.has(each.happened)]
        if wanted:
            self._said = wanted[-1].number
        return b"".join(each.piece for each in wanted)

    async def _wait(self) -> bytes:
        """Until there is more, his token ends, or it is time to show that the stream lives."""
        left = self._ear.ends_at - asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(max(0.0, min(HEARTBEAT, left))):
                await self._woken.wait()
        except TimeoutError:
            if left <= HEARTBEAT:
                self.finish(End.EXPIRED)
                return b""
            self._said = self.number
            return beat(self.number)
        return b""


def those_after(told: list[Told], number: int, most: int) -> list[Told]:
    """Of events in their order those after a number."""
    low, high = 0, len(told)
    while low < high:
        middle = (low + high) // 2
        if told[middle].number <= number:
            low = middle + 1
        else:
            high = middle
    return told[low : low + most]

"""All streams of events of one process, and who wakes them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from entrepot.features.people.deliveries.waking import Waking
from entrepot.features.people.events.feed import GATHERED, Check, Feed
from entrepot.features.people.events.kinds import Kinds
from entrepot.features.people.events.listener import Ear, End, Listener
from entrepot.features.people.events.log import State, touch
from entrepot.kernel.clock import Clock
from entrepot.kernel.errors import BusyError, TooManyListenersError
from entrepot.storage.notifications import hear
from entrepot.storage.reach import LOST
from entrepot.storage.ready_pool import ReadyPool

CHANNEL = "entrepot_events"
MOST_EACH = 50
"""Listeners of one marketplace in one process."""
MOST = 500
"""Of all of them."""
PAGES = 2
"""Who reads at once what is in memory no more: of the connections those are for others."""
TOUCH = 60.0
"""Seconds after which it is noted again that somebody listens."""


class Streams:
    """Feeds by marketplace, as long as somebody listens. url: of the database, for a connection that waits for notifications while there
    are any; counted: is told how many listen.
    """

    def __init__(
        self,
        pool: ReadyPool,
        url: str,
        clock: Clock,
        kinds: Kinds,
        check: Check,
        counted: Callable[[float], object],
    ) -> None:
        self.kinds = kinds
        self._pool, self._url, self._clock, self._check, self._counted = pool, url, clock, check, counted
        self._waking = Waking(pool, CHANNEL, GATHERED)
        self._feeds: dict[int, tuple[Feed, asyncio.Task[None]]] = {}
        self._beside: list[asyncio.Task[None]] = []
        self._pages = asyncio.Semaphore(PAGES)

    def told(self, marketplace_id: int) -> None:
        """Something that was written down stands: whoever listens, here or elsewhere, hears of it."""
        self._waking.notify(marketplace_id)

    def listen(self, marketplace_id: int, start: State, ear: Ear) -> Listener:
        """A stream of one marketplace. Raises TooManyListenersError."""
        if sum(len(feed.listeners) for feed, _ in self._feeds.values()) >= MOST:
            raise TooManyListenersError(MOST)
        feed = self._feed(marketplace_id, start)
        if len(feed.listeners) >= MOST_EACH:
            raise TooManyListenersError(MOST_EACH)
        listener = Listener(ear, feed)
        feed.listeners.add(listener)
        if marketplace_id not in self._feeds:
            task = asyncio.create_task(feed.run(), name="feed of events")
            task.add_done_callback(partial(self._forget, marketplace_id))
            self._feeds[marketplace_id] = feed, task
        if not self._beside:
            self._beside = [asyncio.create_task(self._hear()), asyncio.create_task(self._touch())]
        self._count()
        return listener

    async def close(self) -> None:
        """End all of them."""
        for feed, _ in self._feeds.values():
            for each in tuple(feed.listeners):
                each.finish(End.STOPPING)
        tasks = [*(task for _, task in self._feeds.values()), *self._beside]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._waking.close()

    def _feed(self, marketplace_id: int, start: State) -> Feed:
        known = self._feeds.get(marketplace_id)
        # One that nobody listens to is about to end.
        if known is not None and known[0].listeners:
            return known[0]
        self._feeds.pop(marketplace_id, None)
        feed = Feed(self._pool, marketplace_id, start, self.kinds, self._check, self._pages)
        feed.left = self._count
        return feed

    def _forget(self, marketplace_id: int, task: asyncio.Task[None]) -> None:
        known = self._feeds.get(marketplace_id)
        if known is not None and known[1] is task:
            del self._feeds[marketplace_id]

    def _count(self) -> None:
        self._counted(sum(len(feed.listeners) for feed, _ in self._feeds.values()))

    def _wake(self, payload: str) -> None:
        with suppress(ValueError):
            known = self._feeds.get(int(payload))
            if known is not None:
                known[0].wake()

    async def _wake_all(self) -> None:
        for feed, _ in self._feeds.values():
            feed.wake()

    async def _hear(self) -> None:
        await hear(self._url, CHANNEL, "entrepot events", told=self._wake, begun=self._wake_all)

    async def _touch(self) -> None:
        while True:
            await asyncio.sleep(TOUCH)
            with suppress(*LOST, BusyError):
                await touch(self._pool, tuple(self._feeds), self._clock())

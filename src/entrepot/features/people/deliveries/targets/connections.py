"""What stays connected from one delivery to the next: for each marketplace and configuration, bounded, until it is idle."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Generic, Protocol, TypeVar

from entrepot.engine.wire.json import encode

IDLE_SECONDS = 60.0
"""For which an unused connection is kept."""
MOST_OF_ALL = 500
"""Kept in one process, of all marketplaces."""
MOST_OF_ONE = 20
"""Kept of one marketplace."""


class Closable(Protocol):
    """What is connected."""

    async def close(self) -> None: ...


T = TypeVar("T", bound=Closable)
_Key = tuple[int, bytes]


@dataclass(slots=True)
class _Kept(Generic[T]):
    connection: T
    users: int = 0
    since: float = field(default=0.0)
    """When it was last used."""


class Connections(Generic[T]):
    """Keeps the connections of one kind of target. A changed setting is another connection; the old one ends by being idle.

    `clock` gives seconds that never go back.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._kept: dict[_Key, _Kept[T]] = {}
        self._sweeping: asyncio.Task[None] | None = None
        self._closing: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._kept)

    @asynccontextmanager
    async def use(
        self, marketplace_id: int, config: Mapping[str, Any], connect: Callable[[], T]
    ) -> AsyncIterator[T]:
        """The connection of these settings, made by `connect` where there is none; several deliveries may use it at once."""
        # The settings hold secrets, of which memory need not have one copy more.
        key = (marketplace_id, hashlib.sha256(encode(dict(config))).digest())
        kept = self._kept.pop(key, None) or _Kept(connect())
        # The last one of the dictionary is the one that was used last.
        self._kept[key] = kept
        kept.users += 1
        self._make_room(marketplace_id)
        try:
            yield kept.connection
        finally:
            kept.users -= 1
            kept.since = self._clock()
            if self._sweeping is None or self._sweeping.done():
                self._sweeping = asyncio.create_task(self._sweep())

    async def close(self) -> None:
        """Close all of them."""
        if self._sweeping is not None:
            self._sweeping.cancel()
        for key in list(self._kept):
            self._end(key)
        await asyncio.gather(*self._closing, return_exceptions=True)

    def expire(self) -> None:
        """Close what has been idle for too long."""
        before = self._clock() - IDLE_SECONDS
        for key in [key for key, kept in self._kept.items() if not kept.users and kept.since <= before]:
            self._end(key)

    async def _sweep(self) -> None:
        while self._kept:
            await asyncio.sleep(IDLE_SECONDS / 4)
            self.expire()

    def _make_room(self, marketplace_id: int) -> None:
        own = [key for key in self._kept if key[0] == marketplace_id]
        self._end_unused(own, len(own) - MOST_OF_ONE)
        self._end_unused(list(self._kept), len(self._kept) - MOST_OF_ALL)

    def _end_unused(self, keys: list[_Key], too_many: int) -> None:
        if too_many > 0:
            for key in [key for key in keys if not self._kept[key].users][:too_many]:
                self._end(key)

    def _end(self, key: _Key) -> None:
        task = asyncio.create_task(self._kept.pop(key).connection.close())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

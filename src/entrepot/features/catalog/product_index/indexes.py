"""The indexes of a process: built when lists ask for them, kept up to date, given up where they take too much room."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from contextvars import Context
from dataclasses import dataclass, field

import structlog

from entrepot.engine.call import Call, Database
from entrepot.features.catalog.product_index.building import Built, TooLargeError, build
from entrepot.features.catalog.product_index.facet_text import IN_ORDER
from entrepot.features.catalog.product_index.following import MovedError, catch_up, catch_up_with
from entrepot.features.catalog.product_index.live import LiveIndex
from entrepot.features.catalog.product_index.words import read_words
from entrepot.storage.turns import Turns

log = structlog.get_logger("entrepot.product_index")

MOST_WORDS = 1_000
"""Words that wait to be read."""
FOLLOW_SECONDS = 1.0
"""After how long an index that no page has brought up to date follows by itself: the later, the more there is to wait for."""
MOMENT = 2.0
"""Seconds that a list waits for an index that is brought up to date."""
COUNTS, COUNTS_OF_ONE = 4, 2
"""How many lists of all products PostgreSQL counts at once while indexes are made, in all and of one marketplace: each takes a
processor of the database for half a second where there are 100,000, and the index takes as long as these leave it.
"""
PATIENCE = 30.0
"""Seconds that a list waits for its turn to be counted; most indexes are made in less."""
IDLE_SECONDS = 900.0
"""After how long without a list an index is given up."""
AGAIN_SECONDS = 60.0
"""After how long building is tried again where it failed, or the index was too large."""


@dataclass(slots=True)
class _Place:
    """What there is of one marketplace."""

    live: LiveIndex | None = None
    task: asyncio.Task[None] | None = None
    called: asyncio.Event = field(default_factory=asyncio.Event)
    """That the index is to follow at once."""
    words: set[str] = field(default_factory=set)
    """To be read."""
    used: float = 0.0
    not_before: float = 0.0


class ProductIndexes:
    """By marketplace, the longest unused given up first. One per process.

    most: bytes in all, 0 for none at all; least: products that a shopper sees from which on an index is worth its room.
    """

    def __init__(self, most: int, least: int = 0) -> None:
        self._most = most
        self._least = least
        self._places: OrderedDict[int, _Place] = OrderedDict()
        self._turns = Turns(COUNTS, share=COUNTS_OF_ONE, patience=PATIENCE)

    def of(self, call: Call) -> LiveIndex | None:
        """The index of the call's marketplace; None while there is none that answers."""
        place = self._places.get(call.marketplace_id)
        if place is None or place.live is None or not place.live.ready.is_set():
            return None
        place.used = time.monotonic()
        self._places.move_to_end(call.marketplace_id)
        return place.live

    def want(self, call: Call, matches: int) -> None:
        """PostgreSQL has found so many products: begin to build an index where that is worth it."""
        if matches < self._least or self._most <= 0:
            return
        place = self._places.setdefault(call.marketplace_id, _Place())
        place.used = now = time.monotonic()
        if place.task is None and now >= place.not_before:
            # In a context of its own: it outlives the request.
            work = self._keep(call.marketplace_id, place, call.pool)
            place.task = asyncio.create_task(work, context=Context())

    def behind(self, call: Call) -> None:
        """The index cannot follow at once: nothing is answered from it until it has."""
        place = self._places.get(call.marketplace_id)
        if place is not None and place.live is not None:
            place.live.ready.clear()
            place.called.set()

    async def caught_up(self, call: Call) -> None:
        """Wait a moment for an index that is brought up to date, unless the call holds a connection."""
        place = self._places.get(call.marketplace_id)
        live = None if place is None else place.live
        if live is not None and not live.ready.is_set() and call.connection is None:
            with suppress(TimeoutError):
                await asyncio.wait_for(live.ready.wait(), MOMENT)

    def is_coming(self, call: Call) -> bool:
        """Whether an index of the marketplace is made, or brought up to date."""
        place = self._places.get(call.marketplace_id)
        return place is not None and place.task is not None and self.of(call) is None

    @asynccontextmanager
    async def counting(self, call: Call) -> AsyncIterator[None]:
        """The turn of a list that PostgreSQL counts while the index is made: when it has come, the index may be there, or another
        list have counted the same. Raises BusyError after PATIENCE.
        """
        if not self._turns.take(call.marketplace_id):
            await self._turns.wait(call.marketplace_id)
        try:
            yield
        finally:
            self._turns.leave(call.marketplace_id)

    def read(self, call: Call, words: Iterable[str]) -> None:
        """Find out in the background what becomes of these words in searches."""
        place = self._places.get(call.marketplace_id)
        if place is not None and len(place.words) < MOST_WORDS:
            place.words.update(words)
            place.called.set()

    async def close(self) -> None:
        """End what is being built."""
        tasks = [place.task for place in self._places.values() if place.task is not None]
        self._places.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _keep(self, marketplace_id: int, place: _Place, db: Database) -> None:
        """Build the index and keep it up to date as long as it is used."""
        try:
            while time.monotonic() - place.used < IDLE_SECONDS:
                try:
                    place.live = await self._made(marketplace_id, db)
                    await self._follow(marketplace_id, place, place.live, db)
                except MovedError:
                    place.live = None
        except TooLargeError:
            log.warning("product index too large", marketplace=marketplace_id, most=self._most)
        except Exception as error:  # noqa: BLE001 (whatever it is, PostgreSQL counts as before)
            log.warning("product index failed", marketplace=marketplace_id, error=repr(error))
        finally:
            place.live, place.task = None, None
            place.not_before = time.monotonic() + AGAIN_SECONDS

    async def _follow(self, marketplace_id: int, place: _Place, live: LiveIndex, db: Database) -> None:
        """Keep an index up to date until it is worn or nobody uses it. Raises MovedError."""
        while not live.is_worn and time.monotonic() - place.used < IDLE_SECONDS:
            with suppress(TimeoutError):
                await asyncio.wait_for(place.called.wait(), FOLLOW_SECONDS)
            place.called.clear()
            await read_words(live, [place.words.pop() for _ in range(len(place.words))], db)
            await catch_up(live, marketplace_id, db)
            live.ready.set()

    async def _made(self, marketplace_id: int, db: Database) -> LiveIndex:
        begun = time.monotonic()
        built: Built = await build(db, marketplace_id, most=self._most)
        live = LiveIndex(built.index, built.facets, built.size, {})
        await catch_up_with(live, built.pending, marketplace_id, db)
        await read_words(live, live.index.vocabulary.words, db)
        live.sort(await db.fetchval(IN_ORDER, live.texts()) or ())
        self._make_room(marketplace_id, live.size)
        live.ready.set()
        seconds = round(time.monotonic() - begun, 2)
        log.info("product index built", marketplace=marketplace_id, seconds=seconds, bytes=live.size)
        return live

    def _make_room(self, marketplace_id: int, size: int) -> None:
        """Give up what was not used for longest. Raises TooLargeError where that does not help."""
        if size > self._most:
            raise TooLargeError
        held = [(key, place) for key, place in self._places.items() if place.live and key != marketplace_id]
        size += sum(place.live.size for _, place in held if place.live)
        for key, place in held:
            if size <= self._most:
                break
            if place.live is not None and place.task is not None:
                size -= place.live.size
                place.task.cancel()
                self._places.pop(key)

"""What happens in one marketplace, read once for all who listen to it in this process."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus

import structlog

from entrepot.features.people.events.kinds import Kinds
from entrepot.features.people.events.listener import End, Listener, those_after
from entrepot.features.people.events.log import State, read, state_of
from entrepot.features.people.events.telling import Told, told
from entrepot.kernel.errors import ApiError, BusyError
from entrepot.storage.reach import LOST
from entrepot.storage.ready_pool import ReadyPool

LOOK = 2.0
"""Seconds after which it looks although nobody has woken it."""
GATHERED = 0.05
"""Seconds in which one notification, and one look, serves all that happens."""
PAGE = 500
RECENT = 2_000
"""Events that are in memory for those who take them soon."""
UNTAKEN = 10.0
"""Seconds after which the place of somebody is free whose answer never began."""

Check = Callable[[str], Awaitable[int]]
"""Whether a token opens the stream yet: the security epoch as of which it does. Raises ApiError."""

log = structlog.get_logger("entrepot.events")


class Feed:
    """One marketplace's. pages: lets so many read at once what is in memory no more."""

    def __init__(
        self,
        pool: ReadyPool,
        marketplace_id: int,
        start: State,
        kinds: Kinds,
        check: Check,
        pages: asyncio.Semaphore,
    ) -> None:
        self._pool, self._marketplace_id, self._kinds = pool, marketplace_id, kinds
        self._check, self._pages = check, pages
        self.number = self._since = start.number
        """Up to which it has read, and from which on it has that in memory."""
        self._recent: list[Told] = []
        self.listeners: set[Listener] = set()
        self._woken = asyncio.Event()
        self._woken.set()
        self.left: Callable[[], None] = lambda: None
        """Called when a listener has gone."""

    def wake(self) -> None:
        """Something has happened."""
        self._woken.set()

    def leave(self, listener: Listener) -> None:
        """He listens no more."""
        if listener in self.listeners:
            self.listeners.remove(listener)
            self.left()

    async def run(self) -> None:
        """Follow the log as long as somebody listens."""
        while self.listeners:
            try:
                await self._look()
            except (*LOST, BusyError) as error:
                log.warning("no look at events", marketplace=self._marketplace_id, error=repr(error))
            except Exception:  # whatever it is, the next look may go well
                log.exception("no look at events", marketplace=self._marketplace_id)
            self._look_after()
            try:
                async with asyncio.timeout(LOOK):
                    await self._woken.wait()
                await asyncio.sleep(GATHERED)
            except TimeoutError:
                pass
            self._woken.clear()

    async def after(self, number: int, most: int) -> list[Told] | None:
        """As `Source` has it: out of memory, or of the log."""
        if number >= self._since:
            return those_after(self._recent, number, most)
        async with self._pages:
            rows = await read(self._pool, self._marketplace_id, number, PAGE)
        if not rows or rows[0]["number"] != number + 1:
            return None
        return [told(row, self._kinds) for row in rows]

    async def _look(self) -> None:
        state = await state_of(self._pool, self._marketplace_id)
        if state is None:
            for each in tuple(self.listeners):
                each.finish(End.LOG)
            return
        while self.number < state.number:
            rows = await read(self._pool, self._marketplace_id, self.number, PAGE)
            if not rows:
                break
            self._keep([told(row, self._kinds) for row in rows])
            for each in tuple(self.listeners):
                each.wake()
            await asyncio.sleep(0)
        await self._confirm(state.epoch)

    def _keep(self, fresh: list[Told]) -> None:
        self._recent += fresh
        self.number = fresh[-1].number
        if len(self._recent) > 2 * RECENT:
            self._since = self._recent[-RECENT - 1].number
            del self._recent[:-RECENT]

    def _look_after(self) -> None:
        now = asyncio.get_running_loop().time()
        for each in tuple(self.listeners):
            if not each.begun and now - each.since > UNTAKEN:
                self.leave(each)
            each.look_after(now, self._since)

    async def _confirm(self, epoch: int) -> None:
        """Look at the tokens of all anew who listen as of another security epoch. A statement for each token."""
        stale: dict[str, list[Listener]] = {}
        for each in self.listeners:
            # Without a token it is the key of the test bench, which no marketplace takes away.
            if each.token and each.epoch != epoch:
                stale.setdefault(each.token, []).append(each)
        for token, listeners in stale.items():
            try:
                as_of = await self._check(token)
            except ApiError as refusal:
                if refusal.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                    raise
                for each in listeners:
                    each.finish(End.REFUSED)
            else:
                for each in listeners:
                    each.epoch = as_of

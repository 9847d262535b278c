"""Waking who delivers: in this process at once, in others by a notification of the database."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import asyncpg
import structlog
from asyncpg.exceptions import InterfaceError, PostgresError

CHANNEL = "entrepot_deliveries"
NOTIFY = f"SELECT pg_notify('{CHANNEL}', $1)"
"""$1 the marketplace's key, as text."""
NOTIFY_ON = "SELECT pg_notify($2, $1)"
GATHERED = 0.01
"""Seconds in which one notification serves all that is told: each of them costs every transaction that commits."""

log = structlog.get_logger("entrepot.deliveries")


class Waking:
    """What is called when something was told and stands. One per process and channel."""

    def __init__(self, pool: asyncpg.Pool, channel: str = CHANNEL, gathered: float = GATHERED) -> None:
        self._pool = pool
        self._channel, self._gathered = channel, gathered
        self._due: set[int] = set()
        self._notifying: asyncio.Task[None] | None = None
        self.here: Callable[[int], None] | None = None
        """Wakes the dispatcher of this process, where there is one."""

    def wake(self, marketplace_id: int) -> None:
        """Something of this marketplace is due. Never fails: whoever is not woken looks by itself after a while."""
        if self.here is not None:
            self.here(marketplace_id)
        else:
            self.notify(marketplace_id)

    def notify(self, marketplace_id: int) -> None:
        """Wake the dispatchers of other processes."""
        self._due.add(marketplace_id)
        if self._notifying is None:
            self._notifying = asyncio.get_running_loop().create_task(self._notify())

    async def _notify(self) -> None:
        await asyncio.sleep(self._gathered)
        due, self._due, self._notifying = self._due, set(), None
        try:
            for marketplace_id in due:
                await self._pool.execute(NOTIFY_ON, str(marketplace_id), self._channel)
        except (PostgresError, InterfaceError, OSError) as error:
            log.warning("nobody woken", error=repr(error))

    async def close(self) -> None:
        """Send what is still to be sent."""
        notifying: Awaitable[None] | None = self._notifying
        if notifying is not None:
            await notifying

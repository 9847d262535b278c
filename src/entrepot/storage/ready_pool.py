"""A pool that runs single statements cheaply."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
from asyncpg.exceptions import InterfaceError
from asyncpg.pool import PoolConnectionProxy

_RUNS_AT_HAND = 100_000
"""Statements after which a connection goes back, so that the pool may see whether it is old enough to be closed."""

Run = Callable[[PoolConnectionProxy], Awaitable[Any]]


class ReadyPool(asyncpg.Pool):
    """asyncpg's pool, of which up to `at_hand` connections are kept for single statements, which stand in line for them.

    Taking a connection from asyncpg's pool and giving it back, with its timeout, lock and task, costs the process more
    than a SELECT of one row. Units of several statements take the usual way. So does a connection whose statement
    failed or was cancelled, since asyncpg knows how to clear it up.

    anew: a pool whose statements are planned each time, by their arguments, for those of which one plan does not serve all:
    where most users are one buyer's, looking for a substring among all users of a buyer takes 5 ms by the index of the
    search and 200 ms by that of the buyer, which PostgreSQL takes for better when it does not know the buyer. The pool itself
    unless another is given; closed with it.
    """

    def __init__(
        self, *connect_args: Any, at_hand: int, anew: ReadyPool | None = None, **options: Any
    ) -> None:
        super().__init__(*connect_args, **options)  # type: ignore[no-untyped-call]
        self.anew = anew or self
        self._free: list[PoolConnectionProxy] = []
        self._room = at_hand
        self._waiting: deque[asyncio.Future[PoolConnectionProxy | None]] = deque()
        self._runs = 0
        self._plain = at_hand == 0
        self._ending = False

    async def fetch(self, query: str, *args: Any, **options: Any) -> list[asyncpg.Record]:
        rows: list[asyncpg.Record] = await self._run(
            lambda connection: connection.fetch(query, *args, **options)
        )
        return rows

    async def fetchrow(self, query: str, *args: Any, **options: Any) -> asyncpg.Record | None:
        row: asyncpg.Record | None = await self._run(
            lambda connection: connection.fetchrow(query, *args, **options)
        )
        return row

    async def fetchval(self, query: str, *args: Any, **options: Any) -> Any:
        return await self._run(lambda connection: connection.fetchval(query, *args, **options))

    async def execute(self, query: str, *args: Any, **options: Any) -> str:
        status: str = await self._run(lambda connection: connection.execute(query, *args, **options))
        return status

    def get_idle_size(self) -> int:
        """Connections that nobody uses, those at hand among them."""
        idle: int = super().get_idle_size()  # type: ignore[no-untyped-call]
        return idle + len(self._free)

    async def close(self) -> None:
        """Close all connections once their statements have ended."""
        self._ending = True
        try:
            while self._free:
                await self._give_back(self._free.pop())
            await super().close()  # type: ignore[no-untyped-call]
        finally:
            if self.anew is not self:
                await self.anew.close()

    async def _run(self, run: Run) -> Any:
        connection = await (self._acquire_another() if self._plain else self._take())
        try:
            result = await run(connection)
        except BaseException:
            await self._give_back(connection)
            raise
        self._runs += 1
        if self._plain or self._ending or self._runs % _RUNS_AT_HAND == 0:
            await self._give_back(connection)
        else:
            self._hand_on(connection)
        return result

    async def _take(self) -> PoolConnectionProxy:
        while True:
            if self._free:
                connection: PoolConnectionProxy | None = self._free.pop()
            elif self._room:
                return await self._acquire_another()
            else:
                connection = await self._wait()
            if connection is not None:
                if not _is_closed(connection):
                    return connection
                await self._give_back(connection)

    async def _acquire_another(self) -> PoolConnectionProxy:
        self._room -= 1
        try:
            connection: PoolConnectionProxy = await self.acquire()  # type: ignore[no-untyped-call]
        except BaseException:
            self._make_room()
            raise
        return connection

    async def _wait(self) -> PoolConnectionProxy | None:
        """A connection that another statement has done with; None where one has gone, so that there is room."""
        waiter: asyncio.Future[PoolConnectionProxy | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        try:
            return await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled():
                self._hand_on(waiter.result())
            raise

    def _hand_on(self, connection: PoolConnectionProxy | None) -> None:
        """To the first in line, who is woken without a connection when there is room for another."""
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(connection)
                return
        if connection is not None:
            self._free.append(connection)

    def _make_room(self) -> None:
        self._room += 1
        self._hand_on(None)

    async def _give_back(self, connection: PoolConnectionProxy) -> None:
        try:
            await self.release(connection)  # type: ignore[no-untyped-call]
        finally:
            self._make_room()


def _is_closed(connection: PoolConnectionProxy) -> bool:
    try:
        closed: bool = connection.is_closed()
    except InterfaceError:
        # Lost while it was idle: the pool has taken it back by itself.
        return True
    return closed

"""Connections that run single statements cheaply."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from entrepot.storage.reach import LOST, Reach, is_closed
from entrepot.storage.turns import Tenant, Turns

RELEASE_SECONDS = 10.0
"""How long a statement that was cancelled may take to end before its connection is dropped."""
_RUNS = 100_000
"""Statements after which a connection goes back, so that the pool may see whether it is old enough to be closed."""

Run = Callable[[PoolConnectionProxy], Awaitable[Any]]


class AtHand:
    """Single statements on connections that are taken from a pool and kept; each in its turn.

    Taking a connection from asyncpg's pool and giving it back, with its timeout, lock and task, costs the process more
    than a SELECT of one row. A connection whose statement failed or was cancelled goes back to the pool, since asyncpg
    knows how to clear it up.

    keep: False gives each connection back at once, for a pool too small to do without them.

    Whose turn a statement takes is told by its first argument: by the rule of all our SQL that is the marketplace.
    """

    def __init__(self, pool: asyncpg.Pool, turns: Turns, reach: Reach, *, keep: bool = True) -> None:
        self._pool = pool
        self._turns = turns
        self._reach = reach
        self._keep = keep
        self._free: list[PoolConnectionProxy] = []
        self._runs = 0

    def fetch(self, query: str, *args: Any, **options: Any) -> Coroutine[Any, Any, list[asyncpg.Record]]:
        return self._run(lambda connection: connection.fetch(query, *args, **options), _tenant(args))

    def fetchrow(self, query: str, *args: Any, **options: Any) -> Coroutine[Any, Any, asyncpg.Record | None]:
        return self._run(lambda connection: connection.fetchrow(query, *args, **options), _tenant(args))

    def fetchval(self, query: str, *args: Any, **options: Any) -> Coroutine[Any, Any, Any]:
        return self._run(lambda connection: connection.fetchval(query, *args, **options), _tenant(args))

    def execute(self, query: str, *args: Any, **options: Any) -> Coroutine[Any, Any, str]:
        return self._run(lambda connection: connection.execute(query, *args, **options), _tenant(args))

    @property
    def free(self) -> int:
        """Connections that no statement uses, without those that have been lost meanwhile."""
        return sum(not is_closed(connection) for connection in self._free)

    async def put_down(self) -> None:
        """Give back what is free, and from now on each connection after its statement."""
        self._keep = False
        while self._free:
            await self._give_back(self._free.pop())

    async def _run(self, run: Run, tenant: Tenant) -> Any:
        turns = self._turns
        if not turns.take(tenant):
            await turns.wait(tenant)
        try:
            if self._free and not is_closed(self._free[-1]):
                connection = self._free.pop()
            else:
                connection = await self._open_one()
            try:
                result = await run(connection)
            except BaseException as error:
                lost = self._reach.lost(connection, error)
                await self._give_back(connection)
                if lost is not None:
                    raise lost from error
                raise
            self._runs += 1
            if self._keep and self._runs % _RUNS:
                self._free.append(connection)
            else:
                await self._give_back(connection)
            return result
        finally:
            turns.leave(tenant)

    async def _open_one(self) -> PoolConnectionProxy:
        """One that is open, where the first that was free turned out not to be, or none was free."""
        while self._free:
            connection = self._free.pop()
            if not is_closed(connection):
                return connection
            await self._give_back(connection)
        return await self._reach.acquire(self._pool)

    async def _give_back(self, connection: PoolConnectionProxy) -> None:
        # One that cannot be cleared up is closed by asyncpg; why it came back is what counts.
        with suppress(*LOST):
            await self._pool.release(connection, timeout=RELEASE_SECONDS)


def _tenant(args: tuple[Any, ...]) -> Tenant:
    return args[0] if args and type(args[0]) is int else None

"""Connections that run single statements cheaply."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from entrepot.storage.reach import LOST, DatabaseReach, is_closed
from entrepot.storage.turns import Turns

RELEASE_SECONDS = 10.0
"""How long a statement that was cancelled may take to end before its connection is dropped."""
_RUNS = 100_000
"""Statements after which a connection goes back, so that the pool may see whether it is old enough to be closed."""

Run = Callable[..., Coroutine[Any, Any, Any]]


class Connection(asyncpg.Connection):
    """A connection of a pool, which tells itself to whoever has it on loan: each call through the loan's proxy costs a look-up."""

    __slots__ = ()

    @property
    def itself(self) -> Connection:
        return self


Loan = tuple[PoolConnectionProxy, Connection]


class AtHand:
    """Single statements on connections that are taken from a pool and kept; each in its turn.

    Taking a connection from asyncpg's pool and giving it back, with its timeout, lock and task, costs the process more
    than a SELECT of one row. A connection whose statement failed or was cancelled goes back to the pool, since asyncpg
    knows how to clear it up.

    keep: how many connections stay at hand; 0 for a pool too small to do without them.

    Whose turn a statement takes is told by its first argument: by the rule of all our SQL that is the marketplace.
    """

    def __init__(self, pool: asyncpg.Pool, turns: Turns, reach: DatabaseReach, *, keep: int) -> None:
        self._pool = pool
        self._turns = turns
        self._reach = reach
        self._keep = keep
        self._free: list[Loan] = []
        self._runs = 0

    def fetch(self, query: str, *args: Any, **options: Any) -> Coroutine[Any, Any, list[asyncpg.Record]]:
        return self._run(asyncpg.Connection.fetch, query, args, options)

    def fetchrow(self, query: str, *args: Any, **options: Any) -> Coroutine[Any, Any, asyncpg.Record | None]:
        return self._run(asyncpg.Connection.fetchrow, query, args, options)

    def fetchval(self, query: str, *args: Any, **options: Any) -> Coroutine[Any, Any, Any]:
        return self._run(asyncpg.Connection.fetchval, query, args, options)

    def execute(self, query: str, *args: Any, **options: Any) -> Coroutine[Any, Any, str]:
        return self._run(asyncpg.Connection.execute, query, args, options)

    @property
    def free(self) -> int:
        """Connections that no statement uses, without those that have been lost meanwhile."""
        return sum(not is_closed(connection) for _, connection in self._free)

    async def put_down(self) -> None:
        """Give back what is free, and from now on each connection after its statement."""
        self._keep = 0
        while self._free:
            await self.give_back(self._free.pop())

    async def take(self) -> Loan:
        """A connection; whoever has it gives it back by `keep` or `give_back`. Raises DatabaseLostError, PostgresError."""
        loan = self._free.pop() if self._free else None
        if loan is None or loan[1].is_closed():  # type: ignore[no-untyped-call]
            loan = await self._open_one(loan)
        return loan

    async def keep(self, loan: Loan) -> None:
        """Of a connection with which all went well."""
        self._runs += 1
        if len(self._free) < self._keep and self._runs % _RUNS:
            self._free.append(loan)
        else:
            await self.give_back(loan)

    async def give_back(self, loan: Loan) -> None:
        """Of any other, to the pool."""
        # One that cannot be cleared up is closed by asyncpg; why it came back is what counts.
        with suppress(*LOST):
            await self._pool.release(loan[0], timeout=RELEASE_SECONDS)

    async def _run(self, run: Run, query: str, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        turns = self._turns
        tenant = args[0] if args and type(args[0]) is int else None
        if not turns.take(tenant):
            await turns.wait(tenant)
        try:
            loan = await self.take()
            connection = loan[1]
            try:
                result = await run(connection, query, *args, **options)
            except BaseException as error:
                lost = self._reach.lost(connection, error)
                await self.give_back(loan)
                if lost is not None:
                    raise lost from error
                raise
            await self.keep(loan)
            return result
        finally:
            turns.leave(tenant)

    async def _open_one(self, lost: Loan | None) -> Loan:
        """One that is open, where the first that was free turned out not to be, or none was free."""
        while lost is not None:
            await self.give_back(lost)
            loan = self._free.pop() if self._free else None
            if loan is not None and not is_closed(loan[1]):
                return loan
            lost = loan
        proxy = await self._reach.acquire(self._pool)
        return proxy, proxy.itself

"""The server's pool: units of work on connections of their own, single statements on those at hand."""

from __future__ import annotations

from collections.abc import AsyncIterator, Coroutine, Generator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Self

import asyncpg

from entrepot.storage.at_hand import AtHand, Connection
from entrepot.storage.pipelining import PipelinedTransaction
from entrepot.storage.reach import DatabaseReach
from entrepot.storage.turns import Tenant, Turns

UNKEPT = 2
"""Connections for units that go back to the pool after each."""


class ReadyPool(asyncpg.Pool):
    """asyncpg's pool, whose connections are for units of several statements; single ones run on those of `singles`.

    singles: a pool for single statements; None where all connections are this pool's.
    anew: a pool whose statements are planned each time, by their arguments, for those of which one plan does not serve all:
    where most users are one buyer's, looking for a substring among all users of a buyer takes 5 ms by the index of the
    search and 200 ms by that of the buyer, which PostgreSQL takes for better when it does not know the buyer.

    Of each of them one marketplace holds three quarters at most, so that what one marketplace waits for keeps no other
    waiting.
    """

    def __init__(
        self,
        *connect_args: Any,
        reach: DatabaseReach,
        singles: asyncpg.Pool | None = None,
        anew: asyncpg.Pool,
        **options: Any,
    ) -> None:
        super().__init__(*connect_args, **options)  # type: ignore[no-untyped-call]
        self.reach = reach
        self._turns = _turns(self)
        self._parts = [anew] if singles is None else [anew, singles]
        if singles is None:
            self._singles = AtHand(self, self._turns, reach, keep=0)
            self._units = AtHand(self, self._turns, reach, keep=0)
        else:
            self._singles = AtHand(singles, _turns(singles), reach, keep=_places(singles))
            # Whoever acquires a connection itself finds some.
            self._units = AtHand(self, self._turns, reach, keep=max(0, _places(self) - UNKEPT))
        self.anew = AtHand(anew, _turns(anew), reach, keep=_places(anew))

    def fetch(self, query: str, *args: Any, **options: Any) -> Coroutine[Any, Any, list[asyncpg.Record]]:
        return self._singles.fetch(query, *args, **options)

    def fetchrow(self, query: str, *args: Any, **options: Any) -> Coroutine[Any, Any, asyncpg.Record | None]:
        return self._singles.fetchrow(query, *args, **options)

    def fetchval(self, query: str, *args: Any, **options: Any) -> Coroutine[Any, Any, Any]:
        return self._singles.fetchval(query, *args, **options)

    def execute(self, query: str, *args: Any, **options: Any) -> Coroutine[Any, Any, str]:
        return self._singles.execute(query, *args, **options)

    def acquire(self, *, timeout: float | None = None) -> Any:
        """As asyncpg's, for commands and tests; in the server a unit has its turn: `unit`."""
        return super().acquire(timeout=timeout)  # type: ignore[no-untyped-call]

    def unit(self, tenant: Tenant) -> AbstractAsyncContextManager[asyncpg.Connection]:
        """One transaction of a marketplace on a connection of its own: committed when the block ends, undone when it raises.

        Raises BusyError where the marketplace's share stays taken, DatabaseLostError where the connection is lost.
        """
        return self._transaction(tenant, isolation="read_committed")

    @asynccontextmanager
    async def pipelined(self, tenant: Tenant) -> AsyncIterator[PipelinedTransaction]:
        """The same, whose statements need fewer ways to the database. Raises UnattributedError, too."""
        async with self._lent(tenant) as connection:
            transaction = PipelinedTransaction(connection)
            try:
                yield transaction
                await transaction.commit()
            except BaseException:
                await transaction.rollback()
                raise

    def moment(self, tenant: Tenant) -> AbstractAsyncContextManager[asyncpg.Connection]:
        """The same for statements that only read, and see one moment of the database."""
        return self._transaction(tenant, isolation="repeatable_read", readonly=True)

    @asynccontextmanager
    async def _transaction(self, tenant: Tenant, **options: Any) -> AsyncIterator[asyncpg.Connection]:
        async with self._lent(tenant) as connection, connection.transaction(**options):  # type: ignore[no-untyped-call]
            yield connection

    @asynccontextmanager
    async def _lent(self, tenant: Tenant) -> AsyncIterator[Connection]:
        """A connection in the marketplace's turn: of those at hand, where there are any, which else would lie idle while it waits."""
        if not self._turns.take(tenant):
            await self._turns.wait(tenant)
        try:
            loan = await self._units.take()
            try:
                yield loan[1]
            except BaseException as error:
                lost = self.reach.lost(loan[1], error)
                await self._units.give_back(loan)
                if lost is not None:
                    raise lost from error
                raise
            await self._units.keep(loan)
        finally:
            self._turns.leave(tenant)

    def get_size(self) -> int:
        """Connections that are open, of all parts."""
        size: int = super().get_size()  # type: ignore[no-untyped-call]
        for part in self._parts:
            size += part.get_size()
        return size

    def get_idle_size(self) -> int:
        """Connections that nobody uses, those at hand among them."""
        idle: int = super().get_idle_size()  # type: ignore[no-untyped-call]
        for part in self._parts:
            idle += part.get_idle_size()
        return idle + self._singles.free + self._units.free + self.anew.free

    def __await__(self) -> Generator[Any, Any, Self]:
        return self._open().__await__()

    async def __aenter__(self) -> Self:
        return await self._open()

    async def _open(self) -> Self:
        """Open the least connections of all parts."""
        try:
            for part in self._parts:
                await part
            await super()._async__init__()  # type: ignore[no-untyped-call]
        except BaseException:
            for part in self._parts:
                part.terminate()
            raise
        return self

    async def close(self) -> None:
        """Close all connections once their statements have ended."""
        try:
            await self._singles.put_down()
            await self._units.put_down()
            await self.anew.put_down()
            await super().close()  # type: ignore[no-untyped-call]
        finally:
            self.reach.close()
            for part in self._parts:
                await part.close()


def _places(pool: asyncpg.Pool) -> int:
    places: int = pool.get_max_size()  # type: ignore[no-untyped-call, unused-ignore]
    return places


def _turns(pool: asyncpg.Pool) -> Turns:
    places = _places(pool)
    return Turns(places, share=max(1, places - max(1, places // 4)))

"""Records through the API's own handlers, within one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import asyncpg

from entrepot.declare.operation import Operation
from entrepot.engine.call import Call
from entrepot.engine.recording import Recording
from entrepot.features.seeding.batches import Pending, Single
from entrepot.features.seeding.calls import Acting, SeedCalls
from entrepot.features.seeding.derived import is_computed, is_settled
from entrepot.features.seeding.problems import Problems
from entrepot.features.seeding.together import ApartError, AskingDatabase, by_parts, run_together
from entrepot.kernel.errors import ApiError, NotFoundError


class Handling:
    """Of one marketplace, on a connection with an open transaction. What is refused becomes a problem."""

    def __init__(
        self,
        connection: asyncpg.Connection | Recording,
        calls: SeedCalls,
        acting: Acting,
        problems: Problems,
    ) -> None:
        self._connection = connection
        self._calls = calls
        self._acting = acting
        self._problems = problems

    def call(self, operation: Operation, database: Any, record: Pending | Single) -> Call:
        """The call that writes a record."""
        query = record.query if isinstance(record, Single) else ""
        body = record.body if operation.body is not None else None
        return self._calls.on(database, self._acting, operation, record.path, body, query)

    async def together(
        self, operation: Operation, singles: Sequence[Single], between: Callable[[int], Awaitable[None]]
    ) -> None:
        """Through the operation's handler: together, and one after the other where that fails. between: what is done when so many
        have been written, with the database for itself.
        """
        if len(singles) == 1:
            await self.alone(operation, singles)
            await between(1)
            return
        database = AskingDatabase()
        written = 0

        async def handle(some: Sequence[Single]) -> None:
            nonlocal written
            calls = [self.call(operation, database, single) for single in some]
            if operation.prepare is not None:
                await asyncio.gather(*(operation.prepare(call) for call in calls))
            handled = [_coroutine(operation.handler, call) for call in calls]
            await run_together(self._connection, database, handled)
            async with database.turn:
                written += len(some)
                await between(len(some))

        try:
            async with self._connection.transaction():
                await by_parts(singles, handle)
        except ApartError:
            await self.apart(operation, singles)
            await between(len(singles) - written)

    async def apart(self, operation: Operation, singles: Sequence[Single]) -> None:
        """One after the other what could not be written together. In a marketplace that nobody can see yet, what is settled at the end
        is not for each of them.
        """
        connection = self._connection
        await self._each(
            operation, singles, connection if isinstance(connection, Recording) else _Unsettled(connection)
        )

    async def alone(self, operation: Operation, singles: Sequence[Single], *, gone: bool = False) -> None:
        """One after the other. gone: whether it is as well where there is no such object any more."""
        await self._each(operation, singles, self._connection, gone=gone)

    async def _each(
        self, operation: Operation, singles: Sequence[Single], database: Any, *, gone: bool = False
    ) -> None:
        for single in singles:
            call = self.call(operation, database, single)
            try:
                async with self._connection.transaction():
                    if operation.prepare is not None:
                        await operation.prepare(call)
                    await operation.handler(call)
            except ApiError as error:
                if not (gone and isinstance(error, NotFoundError)):
                    self._problems.add_refusal(single.line, single.what, error)
            except (asyncpg.IntegrityConstraintViolationError, asyncpg.DataError) as error:
                self._problems.add(single.line, single.what, f"the database refuses it: {error}")


class _Unsettled:
    """A connection on which nothing runs that is settled at the end of a seed (derived.py). To lock the catalogs of a product takes the
    longer the more products there are of which nobody has counted what they are in: 90 ms of 3,000.
    """

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection

    async def execute(self, query: str, *args: Any) -> str:
        return "" if is_settled(query) else str(await self._connection.execute(query, *args))

    async def fetch(self, query: str, *args: Any) -> list[Any]:
        return [] if is_computed(query) else list(await self._connection.fetch(query, *args))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


async def _coroutine(handler: Callable[[Any], Awaitable[Any]], call: Call) -> Any:
    return await handler(call)

"""Whether the database answers, and what is done with its connections while it does not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import TypeVar
from weakref import WeakSet

import asyncpg
import structlog
from asyncpg.exceptions import (
    InsufficientResourcesError,
    InterfaceError,
    InternalClientError,
    OperatorInterventionError,
    PostgresConnectionError,
    PostgresError,
    ReadOnlySQLTransactionError,
)
from asyncpg.pool import PoolConnectionProxy

READ_ONLY = "SHOW transaction_read_only"
"""What the database is asked."""
LOOKS = 2
"""How many looks in a row have to fail. One alone may mean that this process was stopped for a while."""
FIRST_WAIT, LONGEST_WAIT = 0.1, 2.0
"""Seconds between two tries to reach a database that is away."""
LOST = (PostgresError, InterfaceError, InternalClientError, OSError)
"""What asyncpg raises where a server cannot be reached or goes away: TimeoutError is an OSError."""

AWAY = (
    InsufficientResourcesError,
    InterfaceError,
    InternalClientError,
    OSError,
    OperatorInterventionError,
    PostgresConnectionError,
    ReadOnlySQLTransactionError,
)
"""Those among them that say that a database is away, starting, full or for reads alone, and may be back."""

Result = TypeVar("Result")
Connect = Callable[[], Awaitable[asyncpg.Connection]]

log = structlog.get_logger("entrepot.database")


class DatabaseLostError(ConnectionError):
    """The connection broke, or there is nobody to connect to; what was under way may stand or not."""


class DatabaseReach:
    """The way to one database: all connections of this process to it, and one of its own that only asks whether it answers.

    A server that hangs (stopped, cut off without a reset) breaks no connection, and no statement ends: the time limits are
    the server's own. So it is asked now and then, on a connection that stands in no line; when it stays silent, all
    connections are dropped, which ends what waits for them, and nobody is kept waiting until it answers again. That
    costs a request nothing, unlike a timer for each statement.
    """

    def __init__(self, connect: Connect, *, silence: float) -> None:
        """silence: seconds without an answer after which the database counts as silent."""
        self._connect = connect
        self._patience = silence / LOOKS
        self._made: WeakSet[asyncpg.Connection] = WeakSet()
        self._asking = asyncio.Lock()
        self._own: asyncpg.Connection | None = None
        self._closed = False
        self.silent = False
        """Whether the database is known not to answer."""

    def made(self, connection: asyncpg.Connection) -> None:
        """A connection that is to be dropped when the database falls silent."""
        self._made.add(connection)

    def drop(self) -> None:
        """Close all connections at once; whoever waits on one is told that it is lost."""
        for connection in list(self._made):
            connection.terminate()

    async def acquire(self, pool: asyncpg.Pool) -> PoolConnectionProxy:
        """A connection of one of its pools. Raises DatabaseLostError where there is no way to the database, and PostgresError."""
        if self.silent:
            raise DatabaseLostError("The database does not answer.")
        try:
            connection: PoolConnectionProxy = await pool.acquire()
        except PostgresError:
            raise
        except LOST as error:
            raise DatabaseLostError(f"No connection to the database: {error!r}") from error
        return connection

    def lost(
        self, connection: PoolConnectionProxy | asyncpg.Connection, error: BaseException
    ) -> DatabaseLostError | None:
        """What an error means that a connection has ended with: asyncpg raises this or that, by what it was about.

        All connections are dropped when their server turns out to take no writes any more.
        """
        if isinstance(error, ReadOnlySQLTransactionError):
            self.drop()
            return DatabaseLostError("The database takes no writes.")
        if isinstance(error, LOST) and not isinstance(error, PostgresError) and is_closed(connection):
            return DatabaseLostError(f"The connection to the database was lost: {error!r}")
        return None

    async def ask(self, seconds: float) -> None:
        """Return when the database has answered that it takes writes. Raises OSError, PostgresError, InterfaceError."""
        async with asyncio.timeout(seconds), self._asking:
            if self._closed:
                raise DatabaseLostError("The pool is closed.")
            if self._own is None or self._own.is_closed():
                self._own = await self._connected()
            try:
                read_only = await self._own.fetchval(READ_ONLY)
            except BaseException:
                self._forget()
                raise
            if read_only == "on":
                # Another server may be the one to write to by now.
                self._forget()
                raise DatabaseLostError("The database takes no writes.")

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """The database is asked now and then while the block runs."""
        task = asyncio.create_task(self._watch(), name="database")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _connected(self) -> asyncpg.Connection:
        try:
            return await self._connect()
        except (InterfaceError, InternalClientError) as error:
            raise DatabaseLostError(f"No connection to the database: {error!r}") from error

    def close(self) -> None:
        """Ask no more."""
        self._closed = True
        self._forget()

    async def _watch(self) -> None:
        missed = 0
        while True:
            await asyncio.sleep(self._patience)
            try:
                await self.ask(self._patience)
            except TimeoutError:
                missed += 1
                if missed == LOOKS:
                    log.warning("database is silent")
                    self.silent = True
                    self.drop()
            except LOST:
                # A connection that was refused or reset: so are the others, each on its own.
                missed = 0
                self.silent = False
            else:
                if self.silent:
                    log.warning("database answers again")
                missed = 0
                self.silent = False

    def _forget(self) -> None:
        own, self._own = self._own, None
        if own is not None:
            with suppress(*LOST):
                own.terminate()


def is_closed(connection: PoolConnectionProxy | asyncpg.Connection) -> bool:
    """Whether a connection is of no use any more."""
    try:
        closed: bool = connection.is_closed()
    except InterfaceError:
        # Lost while it was idle: the pool has taken it back by itself.
        return True
    return closed


async def once_there(work: Callable[[], Awaitable[Result]]) -> Result:
    """What `work` gives, as soon as the database is there: for the start of a process, which may come while it is away."""
    wait = FIRST_WAIT
    while True:
        try:
            return await work()
        except AWAY as error:
            if isinstance(error, ValueError):  # the URL's
                raise
            log.warning("database away", error=repr(error), asks_in=wait)
        await asyncio.sleep(wait)
        wait = min(2 * wait, LONGEST_WAIT)

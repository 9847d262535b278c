"""A transaction that costs fewer ways to the database than it has statements.

BEGIN, and writes whose outcome nobody needs, leave in one packet with the statement that comes after them, COMMIT at the latest: by the
extended protocol a server carries out one message after another, and skips what follows an error until the Sync at the end. asyncpg sends
the last one, with the Sync, and passes over what the server says of those before it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import MAXYEAR, MINYEAR, datetime
from decimal import Decimal
from struct import pack
from typing import Any, cast

import asyncpg
from asyncpg.exceptions import (
    DataError,
    InFailedSQLTransactionError,
    IntegrityConstraintViolationError,
    PostgresError,
)

from entrepot.storage.at_hand import Connection
from entrepot.storage.corking import CorkedTransport

BEGIN = "BEGIN ISOLATION LEVEL READ COMMITTED;"
COMMIT, ROLLBACK = "COMMIT", "ROLLBACK;"
_OF_VALUES = (IntegrityConstraintViolationError, DataError)
"""What is wrong with what a statement was to write: whoever wrote it knows what to say. All others are nobody's in particular."""
_TO_QUOTE = str.maketrans({"\\": r"\\", '"': r"\""})

Run = Callable[..., Coroutine[Any, Any, Any]]


class UnattributedError(Exception):
    """One of several statements failed that were sent together, and nobody can say which: the unit is to be run again, one by one."""

    def __init__(self, error: PostgresError) -> None:
        self.error = error
        super().__init__(str(error))


class _NotTextError(Exception):
    """A value of which this module does not know the text."""


class PipelinedTransaction:
    """Of one connection of a pool, which nobody else uses until it has ended."""

    __slots__ = ("_begun", "_connection", "_corked", "_last", "_points", "_waiting")

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._corked = cast(CorkedTransport, connection._transport)  # noqa: SLF001 (corking.connect made it)
        self._begun = False
        """Whether BEGIN has left."""
        self._waiting: list[bytes] = []
        """The messages of statements that have not."""
        self._last: tuple[str, tuple[Any, ...]] | None = None
        """The last of these."""
        self._points = 0

    def fetch(self, query: str, *args: Any) -> Coroutine[Any, Any, list[asyncpg.Record]]:
        return self._run(asyncpg.Connection.fetch, query, args)

    def fetchrow(self, query: str, *args: Any) -> Coroutine[Any, Any, asyncpg.Record | None]:
        return self._run(asyncpg.Connection.fetchrow, query, args)

    def fetchval(self, query: str, *args: Any) -> Coroutine[Any, Any, Any]:
        return self._run(asyncpg.Connection.fetchval, query, args)

    async def execute(self, query: str, *args: Any) -> str:
        if not args:
            # Several statements in one text, maybe, which has no place behind others.
            await self.settle()
        status: str = await self._run(asyncpg.Connection.execute, query, args)
        return status

    def enqueue(self, query: str, args: tuple[Any, ...]) -> bool:
        """Leave a statement that returns no rows to be sent with the next one; False where it has to be sent by itself."""
        if not args:
            # Such a one asyncpg sends by the simple protocol, without the Sync up to which a failure skips all.
            return False
        statement = _prepared(self._connection, query)
        if statement is None or statement._get_attributes():  # noqa: SLF001 (what PreparedStatement.get_attributes asks)
            return False
        try:
            self._waiting.append(_bound(statement.name, args))
        except (_NotTextError, ValueError):
            return False
        self._last = query, args
        return True

    async def flush(self) -> None:
        """Send what was enqueued, if anything was. Raises UnattributedError, PostgresError."""
        if self._last is not None:
            query, args = self._last
            self._waiting.pop()
            await self._together(asyncpg.Connection.execute, query, args, mixed=True)

    async def settle(self) -> None:
        """The same, and begin. Raises as `flush`."""
        await self.flush()
        if not self._begun:
            self._begun = True
            await self._connection.execute(BEGIN)

    async def fetchmany(self, query: str, arguments: Iterable[Sequence[Any]]) -> list[asyncpg.Record]:
        await self.settle()
        rows: list[asyncpg.Record] = await self._connection.fetchmany(query, arguments)
        return rows

    async def executemany(self, query: str, arguments: Iterable[Sequence[Any]]) -> None:
        await self.settle()
        await self._connection.executemany(query, arguments)

    async def prepare(self, query: str) -> Any:
        await self.settle()
        return await self._connection.prepare(query)  # type: ignore[no-untyped-call]

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        """A part of it that can be undone alone."""
        await self.settle()
        self._points += 1
        name = f"point_{self._points}"
        await self._connection.execute(f"SAVEPOINT {name};")
        try:
            yield
            await self.flush()
        except BaseException:
            self._forget()
            if not self._connection.is_closed():  # type: ignore[no-untyped-call]
                await self._connection.execute(f"ROLLBACK TO {name};")
            raise
        await self._connection.execute(f"RELEASE SAVEPOINT {name};")

    async def commit(self) -> None:
        """No way at all where there was no statement. Raises as `flush`, and InFailedSQLTransactionError."""
        if self._last is not None and _prepared(self._connection, COMMIT) is None:
            await self.flush()
            await self._connection.fetch(COMMIT)
        elif self._last is not None:
            await self._together(asyncpg.Connection.fetch, COMMIT, ())
        elif self._begun and await self._connection.execute(f"{COMMIT};") != COMMIT:
            # So the database answers where a statement has failed before.
            raise InFailedSQLTransactionError("A statement of this unit has failed: nothing of it stands.")

    async def rollback(self) -> None:
        """Undo what has been sent, and forget what has not; no way at all where nothing has."""
        self._forget()
        if self._begun and not self._connection.is_closed():  # type: ignore[no-untyped-call]
            await self._connection.execute(ROLLBACK)

    async def _run(self, run: Run, query: str, args: tuple[Any, ...]) -> Any:
        if self._begun and self._last is None:
            return await run(self._connection, query, *args)
        return await self._together(run, query, args)

    async def _together(self, run: Run, query: str, args: tuple[Any, ...], *, mixed: bool = False) -> Any:
        """A statement, with BEGIN and what waits before it; mixed: whether it has waited itself, and another one sends it."""
        mixed = mixed or bool(self._waiting)
        self._corked.ahead = b"".join(self._waiting if self._begun else (_BEGIN, *self._waiting))
        try:
            return await run(self._connection, query, *args)
        except _OF_VALUES as error:
            if mixed and not self._corked.ahead:
                raise UnattributedError(error) from error
            # An argument that asyncpg could not encode.
            raise
        finally:
            if self._corked.ahead:
                self._corked.ahead = b""
            else:
                self._begun = True
                self._forget()

    def _forget(self) -> None:
        self._waiting.clear()
        self._last = None


def _prepared(connection: Connection, query: str) -> Any:
    """The driver's statement, where the connection has prepared it."""
    return connection._stmt_cache.get((query, asyncpg.Record, False))  # noqa: SLF001 (asyncpg tells nobody)


def _bound(statement: str, args: Sequence[Any]) -> bytes:
    """Bind and Execute of a prepared statement, all of whose arguments are sent as text. Raises _NotTextError; ValueError for
    characters and numbers that are none.
    """
    parts = [b"\0", statement.encode(), b"\0\0\0", pack("!H", len(args))]
    for value in args:
        text = _text(value)
        if text is None:
            parts.append(b"\xff\xff\xff\xff")
        else:
            encoded = text.encode()
            parts += (pack("!i", len(encoded)), encoded)
    parts.append(b"\0\0")
    return _message(b"B", b"".join(parts)) + _EXECUTE


def _text(value: Any) -> str | None:
    """A value as PostgreSQL reads it, whatever the type of the parameter. Raises _NotTextError."""
    match value:
        case None:
            return None
        case bool():
            return "t" if value else "f"
        case str():
            return value
        case int() | Decimal():
            return str(value)
        case datetime() if value.tzinfo is not None and MINYEAR < value.year < MAXYEAR:
            # To asyncpg the ends are infinity.
            return value.isoformat()
        case list() | tuple():
            return f"{{{','.join(map(_element, value))}}}"
        case _:
            raise _NotTextError


def _element(value: Any) -> str:
    if isinstance(value, list | tuple):
        raise _NotTextError
    text = _text(value)
    return "NULL" if text is None else f'"{text.translate(_TO_QUOTE)}"'


def _message(kind: bytes, content: bytes) -> bytes:
    return kind + pack("!i", len(content) + 4) + content


_EXECUTE = _message(b"E", b"\0\0\0\0\0")
_BEGIN = b"".join(
    (
        _message(b"P", b"\0" + BEGIN.encode() + b"\0\0\0"),
        _message(b"B", b"\0\0\0\0\0\0\0\0"),
        _EXECUTE,
    )
)

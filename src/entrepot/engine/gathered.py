"""Statements of a unit that are sent many at once: each writes one row that is locked already, and its answer is not needed yet.

Sent one by one each of them is a way to the database and back, on which one of the two always waits for the other. They are sent in
the order in which they were asked for, and before any other statement of the unit, so that nothing reads past them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, cast

import asyncpg


class GatheredError(Exception):
    """One of the statements failed, and nobody can say which: the unit is to be run again without gathering any."""


class Due:
    """The row that a statement will return, None until it has. shown: what is answered with it."""

    __slots__ = ("row", "shown")

    def __init__(self) -> None:
        self.row: asyncpg.Record | None = None
        self.shown: Callable[[asyncpg.Record], Any] = dict

    def body(self) -> Any:
        """What is answered: once it has been sent."""
        return self.shown(cast(asyncpg.Record, self.row))


class Gathered:
    """Of one unit, on its connection. note: is told of the rows, as they come."""

    def __init__(
        self, connection: asyncpg.Connection, note: Callable[[list[asyncpg.Record]], Awaitable[None]]
    ) -> None:
        self._connection = connection
        self._note = note
        self._text = ""
        self._waiting: list[tuple[Due, Sequence[Any]]] = []
        self._sending: asyncio.Task[None] | None = None
        self._last: dict[str, list[Sequence[Any]]] = {}

    async def add(self, text: str, args: Sequence[Any]) -> Due:
        """A statement that returns the one row that it writes."""
        if text != self._text:
            await self.sent()
            self._text = text
        due = Due()
        self._waiting.append((due, args))
        return due

    def at_end(self, text: str, args: Sequence[Any]) -> None:
        """A statement that adds a row which nobody reads in the unit."""
        self._last.setdefault(text, []).append(args)

    async def end(self) -> None:
        """Send all that is left. Raises GatheredError."""
        await self.sent()
        for text, arguments in self._last.items():
            await self._connection.executemany(text, arguments)

    async def send(self) -> None:
        """Send those that are waiting, once those before them have come back; they are under way when this returns."""
        await self._returned()
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            self._sending = asyncio.create_task(self._send(waiting))
            await asyncio.sleep(0)

    async def sent(self) -> None:
        """Until all of them have come back. Raises GatheredError."""
        while self._waiting or self._sending is not None:
            await self.send()

    async def abandon(self) -> None:
        """The unit ends without them."""
        self._waiting = []
        sending, self._sending = self._sending, None
        if sending is not None:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)

    async def _returned(self) -> None:
        sending = self._sending
        if sending is not None:
            try:
                await sending
            except Exception as error:
                raise GatheredError from error
            finally:
                self._sending = None

    async def _send(self, waiting: Sequence[tuple[Due, Sequence[Any]]]) -> None:
        rows = await self._connection.fetchmany(self._text, [args for _, args in waiting])
        for (due, _), row in zip(waiting, rows, strict=True):
            due.row = row
        await self._note(rows)

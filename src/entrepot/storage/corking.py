"""Transports of connections to PostgreSQL that hold what is to leave together: uvloop makes a system call of each write, and each wakes
the server's process.

asyncpg's protocol takes the transport that its event loop makes, and no other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, cast

import asyncpg


class CorkedTransport:
    """What stands in `ahead` leaves before what is written next, with it."""

    __slots__ = ("_write", "ahead", "plain")

    def __init__(self, transport: asyncio.Transport) -> None:
        self.plain = transport
        self._write = transport.write
        self.ahead = b""

    def __getattr__(self, name: str) -> Any:
        return getattr(self.plain, name)

    def write(self, data: bytes | memoryview) -> None:
        if self.ahead:
            data, self.ahead = b"".join((self.ahead, data)), b""
        self._write(data)

    def writelines(self, data: Iterable[bytes | memoryview]) -> None:
        if self.ahead:
            data, self.ahead = (self.ahead, *data), b""
        self.plain.writelines(data)


async def connect(*arguments: Any, loop: asyncio.AbstractEventLoop, **options: Any) -> asyncpg.Connection:
    """A connection of asyncpg's whose transport is a CorkedTransport. Raises as asyncpg.connect."""
    connection: asyncpg.Connection = await asyncpg.connect(
        *arguments, loop=cast(asyncio.AbstractEventLoop, _CorkingLoop(loop)), **options
    )
    connection._loop = loop  # noqa: SLF001 (by which asyncpg asks for its own tasks)
    return connection


class _CorkingLoop:
    """An event loop that makes such transports."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loop, name)

    async def create_unix_connection(self, factory: Callable[[], Any], *place: Any, **options: Any) -> Any:
        return _made(await self._loop.create_unix_connection(partial(_corking, factory), *place, **options))

    async def create_connection(self, factory: Callable[[], Any], *place: Any, **options: Any) -> Any:
        return _made(await self._loop.create_connection(partial(_corking, factory), *place, **options))

    async def start_tls(self, transport: CorkedTransport, *arguments: Any, **options: Any) -> Any:
        encrypted = await self._loop.start_tls(transport.plain, *arguments, **options)
        return None if encrypted is None else CorkedTransport(encrypted)


def _corking(factory: Callable[[], Any]) -> Any:
    """A protocol that is told of a corked transport, where it is the one of a connection; asyncpg asks for encryption by another, and then
    tells that one of the transport that it was given.
    """
    protocol = factory()
    tell: Callable[[Any, object], None] = asyncpg.protocol.Protocol.connection_made  # type: ignore[attr-defined]
    if getattr(type(protocol), "connection_made", None) is tell:

        def made(transport: asyncio.Transport) -> None:
            protocol.corked = CorkedTransport(transport)
            tell(protocol, protocol.corked)

        protocol.connection_made = made
    return protocol


def _made(connected: tuple[Any, Any]) -> tuple[Any, Any]:
    transport, protocol = connected
    return getattr(protocol, "corked", None) or CorkedTransport(transport), protocol

"""Answers without an end, over sockets: whoever hangs up ends them, and so does the end of the server, which waits for none."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import asyncpg
from tests.http.test_interruptions import running

from entrepot.declare.operation import Reply
from entrepot.engine.call import Call

STARVED = 300
"""Pieces of 64 KB, more than sockets hold."""


class Ticking:
    """A stream that sends one piece, and then as many of 64 KB as it is let."""

    def __init__(self, pieces: int = 0) -> None:
        self._pieces = pieces
        self._over = asyncio.Event()
        self.gone: bool | None = None
        self.closed = asyncio.Event()
        self.cut: Callable[[], object] = lambda: None
        self.sent = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b"begun\n"
        for _ in range(self._pieces):
            self.sent += 1
            yield b"x" * 65_536
        await self._over.wait()
        yield b"over\n"

    def attach(self, cut: Callable[[], object]) -> None:
        self.cut = cut

    def end(self, *, gone: bool) -> None:
        self.gone = gone
        self._over.set()

    async def close(self) -> None:
        self.closed.set()


async def test_who_hangs_up_ends_his_stream(pool: asyncpg.Pool) -> None:
    stream = Ticking()

    async def handler(_: Call) -> Reply:
        return Reply(stream=stream)

    async with running(pool, handler) as server:
        reader, writer = await server.send("GET")
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        assert "200 OK" in head
        assert "content-type: text/event-stream; charset=utf-8" in head
        assert b"begun" in await reader.readuntil(b"begun\n")
        writer.close()
        await asyncio.wait_for(stream.closed.wait(), 30)
        assert stream.gone is True


async def test_the_end_of_the_server_waits_for_no_stream(pool: asyncpg.Pool) -> None:
    """Though it would wait for minutes for an answer that is to come."""
    stream = Ticking()

    async def handler(_: Call) -> Reply:
        return Reply(stream=stream)

    async with running(pool, handler, timeout_graceful_shutdown=600) as server:
        reader, _ = await server.send("GET")
        await reader.readuntil(b"begun\n")
        server.server.should_exit = True
        rest = await asyncio.wait_for(reader.read(), 30)
        await asyncio.wait_for(asyncio.shield(server.task), 30)
    assert b"over" in rest
    assert stream.gone is False
    assert stream.closed.is_set()


async def test_a_connection_that_takes_nothing_can_be_cut(pool: asyncpg.Pool) -> None:
    """What waits for it to take more goes on then, to its end."""
    stream = Ticking(STARVED)

    async def handler(_: Call) -> Reply:
        return Reply(stream=stream)

    async with running(pool, handler) as server:
        reader, _ = await server.send("GET")
        reader._transport.pause_reading()  # type: ignore[attr-defined]
        before = -1
        async with asyncio.timeout(30):
            while stream.sent == 0 or before != stream.sent:
                before = stream.sent
                await asyncio.sleep(0.1)
        assert stream.sent < STARVED
        stream.cut()
        await asyncio.wait_for(stream.closed.wait(), 30)
        assert stream.gone is True


async def test_head_has_no_stream(pool: asyncpg.Pool) -> None:
    stream = Ticking()

    async def handler(_: Call) -> Reply:
        return Reply(stream=stream)

    async with running(pool, handler) as server:
        reader, _ = await server.send("HEAD")
        assert b"text/event-stream" in await reader.readuntil(b"\r\n\r\n")
        await asyncio.wait_for(stream.closed.wait(), 30)

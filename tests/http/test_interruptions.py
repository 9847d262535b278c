"""Requests that are interrupted: by a client that hangs up, or by the end of the server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import pytest
import uvicorn
from tests.http.shop import KEEPER, operation, shop

from entrepot.declare.operation import Reply, Unit
from entrepot.engine import units
from entrepot.engine.call import Call
from entrepot.features.people.outgoing.client import TIME_LIMIT
from entrepot.http import unit
from entrepot.http.protocol import uvicorn_options

BUSY = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sleep(600)%' AND pid <> pg_backend_pid()"
SLEEP = "SELECT pg_sleep(600) FROM (SELECT $1::bigint) AS marketplace"
Handler = Callable[[Call], Awaitable[Reply]]


@dataclass
class Running:
    """A server over sockets; `server.should_exit` ends it."""

    server: uvicorn.Server
    task: asyncio.Task[None]
    open: list[asyncio.StreamWriter] = field(default_factory=list)

    async def send(
        self, verb: str, path: str = "/v1/boxes"
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Send a request, and do not wait for an answer."""
        port = self.server.servers[0].sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        self.open.append(writer)
        head = f"{verb} {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nAuthorization: Bearer {KEEPER}\r\n\r\n"
        writer.write(head.encode())
        await writer.drain()
        return reader, writer


async def answer(reader: asyncio.StreamReader) -> tuple[int, Any]:
    """Status and body of a whole response."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    length = int(head.partition("content-length: ")[2].partition("\r")[0])
    return int(head.split()[1]), json.loads(await reader.readexactly(length))


@asynccontextmanager
async def running(pool: asyncpg.Pool, handler: Handler, **more: Any) -> AsyncIterator[Running]:
    """A server whose GET, POST, PUT and PATCH /v1/boxes run `handler`: a read, a write, a use case of its own, a write that ends with its
    client.
    """
    boxes = [
        operation("Boxes.List", "GET", "/boxes", handler),
        operation("Boxes.Create", "POST", "/boxes", handler, unit=Unit.WRITE),
        operation("Boxes.Save", "PUT", "/boxes", handler, unit=Unit.OWN),
        operation("Boxes.Patch", "PATCH", "/boxes", handler, unit=Unit.WRITE, ends_with_client=True),
    ]
    options = {**uvicorn_options(), "loop": "none", **more}
    server = uvicorn.Server(uvicorn.Config(shop(None, boxes, pool=pool), host="127.0.0.1", port=0, **options))
    task = asyncio.create_task(server._serve())
    while not server.started:
        await asyncio.sleep(0.01)
    made = Running(server, task)
    yield made
    server.should_exit = True
    for writer in made.open:
        writer.close()
    await task


async def until(pool: asyncpg.Pool, count: int) -> None:
    """Wait until so many statements sleep in the database. Raises TimeoutError."""
    async with asyncio.timeout(60):
        while await pool.fetchval(BUSY) != count:
            await asyncio.sleep(0.01)


async def sleeping(call: Call) -> Reply:
    await call.db.fetchval(SLEEP, call.marketplace_id)
    return Reply({})


async def test_a_read_whose_client_has_gone_ends_in_the_database_too(
    pool: asyncpg.Pool, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """Reliability F1: of five requests, of which two wait for their turn, nothing is left; connections are whole again."""
    async with running(pool, sleeping) as server:
        for _ in range(2):
            writers = [(await server.send("GET"))[1] for _ in range(5)]
            await until(pool, 3)  # a marketplace's three quarters of what is at hand
            for writer in writers:
                writer.close()
            await until(pool, 0)
        while pool.get_idle_size() != pool.get_size():
            await asyncio.sleep(0.01)
    assert "Traceback" not in caplog.text
    assert "status=499" in capsys.readouterr().out


async def test_a_write_that_ends_with_its_client(pool: asyncpg.Pool) -> None:
    """It is undone, and its statement in the database ends."""
    async with running(pool, sleeping) as server:
        _, writer = await server.send("PATCH")
        await until(pool, 1)
        writer.close()
        await until(pool, 0)
        while pool.get_idle_size() != pool.get_size():
            await asyncio.sleep(0.01)


async def test_what_follows_its_commit_goes_on(pool: asyncpg.Pool) -> None:
    begun, gate, done = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def follow_up() -> None:
        begun.set()
        await gate.wait()
        done.set()

    async def handler(call: Call) -> Reply:
        call.afterwards.append(follow_up)
        return Reply({})

    async with running(pool, handler) as server:
        _, writer = await server.send("PATCH")
        await begun.wait()
        writer.close()
        while server.server.server_state.connections:
            await asyncio.sleep(0.01)
        gate.set()
        await asyncio.wait_for(done.wait(), 30)


async def test_its_commit_goes_on(pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Interrupted it might stand, and what follows it be left."""
    begun, gate, done = asyncio.Event(), asyncio.Event(), asyncio.Event()
    writing = units.writing

    @asynccontextmanager
    async def slowly(call: Call, *, enqueues: bool) -> AsyncIterator[None]:
        async with writing(call, enqueues=enqueues):
            yield
            begun.set()
            await gate.wait()

    async def follow_up() -> None:
        done.set()

    async def handler(call: Call) -> Reply:
        call.afterwards.append(follow_up)
        return Reply({})

    monkeypatch.setattr(unit, "writing", slowly)
    async with running(pool, handler) as server:
        _, writer = await server.send("PATCH")
        await begun.wait()
        writer.close()
        while server.server.server_state.connections:
            await asyncio.sleep(0.01)
        gate.set()
        await asyncio.wait_for(done.wait(), 30)


@pytest.mark.parametrize("verb", ["POST", "PUT"])
async def test_a_write_whose_client_has_gone_goes_on(pool: asyncpg.Pool, verb: str) -> None:
    begun, gate, done = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def handler(call: Call) -> Reply:
        begun.set()
        await gate.wait()
        assert await call.db.fetchval("SELECT 1") == 1
        done.set()
        return Reply({})

    async with running(pool, handler) as server:
        _, writer = await server.send(verb)
        await begun.wait()
        writer.close()
        while server.server.server_state.connections:
            await asyncio.sleep(0.01)
        gate.set()
        await asyncio.wait_for(done.wait(), 30)


@pytest.mark.parametrize("verb", ["GET", "POST", "PUT"])
async def test_what_the_end_of_the_server_cuts_is_answered_503(pool: asyncpg.Pool, verb: str) -> None:
    """Reliability F5: in the envelope; and no statement is left."""
    async with running(pool, sleeping, timeout_graceful_shutdown=0.1) as server:
        reader, _ = await server.send(verb)
        await until(pool, 1)
        server.server.should_exit = True
        status, body = await asyncio.wait_for(answer(reader), 30)
        assert (status, body["Errors"][0]["ErrorCode"]) == (503, "Api.Offline")
        await until(pool, 0)


async def test_what_stands_is_answered_though_its_sequel_is_cut(pool: asyncpg.Pool) -> None:
    """Reliability F5: the end of the server comes while a call abroad follows the commit."""
    following = asyncio.Event()

    async def follow_up() -> None:
        following.set()
        await asyncio.sleep(600)

    async def handler(call: Call) -> Reply:
        call.afterwards.append(follow_up)
        return Reply({"ID": "stands"})

    async with running(pool, handler, timeout_graceful_shutdown=0.1) as server:
        reader, _ = await server.send("POST")
        await following.wait()
        server.server.should_exit = True
        assert await asyncio.wait_for(answer(reader), 30) == (200, {"ID": "stands"})


async def test_the_server_waits_longer_than_a_call_abroad_may_take() -> None:
    assert uvicorn_options()["timeout_graceful_shutdown"] > TIME_LIMIT

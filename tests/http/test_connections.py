"""Connections over real sockets: slow ones, too many, idle ones (security 20, reliability R8, F16, F19; behaviour B12)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import pytest
import uvicorn
from structlog.testing import capture_logs
from tests.http.shop import KEEPER, shop

from entrepot.http import connections, metrics
from entrepot.http.connections import ConnectionLimits
from entrepot.http.protocol import uvicorn_options

AUTH = f"Host: x\r\nAuthorization: Bearer {KEEPER}\r\n"
GET = f"GET /v1/me HTTP/1.1\r\n{AUTH}\r\n".encode()
QUICK = ConnectionLimits(head=0.2, idle=0.4)
Pair = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def serving(limits: ConnectionLimits) -> AsyncIterator[int]:
    # The tests' own event loop runs the server, so uvicorn must not choose one.
    options = {**uvicorn_options(limits), "loop": "none"}
    server = uvicorn.Server(uvicorn.Config(shop(), host="127.0.0.1", port=0, **options))
    task = asyncio.create_task(server._serve())
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await task


class HeldClock:
    """The loop's time, which goes forward by what a test lets pass and by nothing else: however slow the machine is, nobody is late
    who was not meant to be.
    """

    def __init__(self, now: float) -> None:
        self._now = now

    def __call__(self) -> float:
        return self._now

    async def advance(self, seconds: float) -> None:
        """What has been sent before is read before; what is due by then has been done afterwards."""
        await asyncio.sleep(0)
        self._now += seconds
        for _ in range(5):
            await asyncio.sleep(0)


@contextmanager
def held_clock() -> Iterator[HeldClock]:
    """Timers of the tests' loop depend on this clock while the block runs."""
    loop = asyncio.get_running_loop()
    clock = HeldClock(loop.time())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop, "time", clock)
        yield clock


async def opened(port: int, *parts: bytes) -> Pair:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for part in parts:
        writer.write(part)
        await writer.drain()
    return reader, writer


async def answer(reader: asyncio.StreamReader) -> tuple[int, dict[str, str], bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
    return int(head[0].split()[1]), headers, await reader.readexactly(int(headers.get("content-length", "0")))


@pytest.mark.parametrize(
    "parts",
    [
        (b"GET /v1/me HT",),
        (b"GET /v1/me HTTP/1.1\r\nHost: x\r\n",),
        (f"PUT /v1/things/x HTTP/1.1\r\n{AUTH}Content-Length: 100\r\n\r\n".encode(),),
        (f"PUT /v1/things/x HTTP/1.1\r\n{AUTH}Content-Length: 100\r\n\r\n".encode(), b'{"a":'),
        (f"PUT /v1/things/x HTTP/1.1\r\n{AUTH}Transfer-Encoding: chunked\r\n\r\n".encode(), b"3\r\nabc\r\n"),
    ],
)
async def test_whoever_dawdles_gets_408(parts: tuple[bytes, ...]) -> None:
    """Security 20: within a head and within a body."""
    async with serving(QUICK) as port:
        reader, writer = await opened(port, *parts)
        status, headers, body = await answer(reader)
        assert (status, json.loads(body)["Errors"][0]["ErrorCode"]) == (408, "Request.Timeout")
        assert headers["connection"] == "close"
        assert await reader.read() == b""
        writer.close()


async def test_drops_do_not_keep_a_head_open() -> None:
    """The time is the whole head's, not that of a byte."""
    async with serving(QUICK) as port:
        reader, writer = await opened(port, b"GET /v1/me HTTP/1.1\r\nX: ")
        received = asyncio.create_task(answer(reader))
        while not received.done():
            writer.write(b"y")
            await asyncio.sleep(0.02)
        assert (await received)[0] == 408
        writer.close()


async def test_whoever_says_nothing_gets_nothing() -> None:
    """Reliability F16: a connection without a byte is closed."""
    async with serving(QUICK) as port:
        reader, writer = await opened(port)
        assert await reader.read() == b""
        writer.close()


async def test_a_slow_body_of_an_answered_request_is_cut() -> None:
    """A GET is answered without its body being read: the rest of it must come, too."""
    async with serving(QUICK) as port:
        reader, writer = await opened(
            port, f"GET /v1/me HTTP/1.1\r\n{AUTH}Content-Length: 9999\r\n\r\nabc".encode()
        )
        assert (await answer(reader))[0] == 200
        ended = asyncio.create_task(reader.read())
        while not ended.done():
            writer.write(b"x")
            await asyncio.sleep(0.05)
        assert await ended == b""
        writer.close()


async def test_a_steady_body_is_waited_for() -> None:
    """One that comes at more than the least rate, though it takes longer than a head may."""
    async with serving(ConnectionLimits(head=0.02, idle=0.04)) as port:
        body = b'"' + b"x" * 30_000 + b'"'
        head = f"PUT /v1/things/x HTTP/1.1\r\n{AUTH}Content-Length: {len(body)}\r\n\r\n".encode()
        with held_clock() as clock:
            reader, writer = await opened(port, head)
            for start in range(0, len(body), 2000):
                writer.write(body[start : start + 2000])
                await clock.advance(0.006)
            status, _, said = await answer(reader)
        assert (status, len(json.loads(said)["body"])) == (200, len(body))
        writer.close()


async def test_kept_connections_and_what_is_said_of_them() -> None:
    """Reliability R8: `Keep-Alive` promises less than is kept, and nothing where the connection ends."""
    assert ConnectionLimits().idle > 600
    async with serving(ConnectionLimits()) as port:
        reader, writer = await opened(port, GET)
        _, headers, _ = await answer(reader)
        assert headers["keep-alive"] == "timeout=615"
        writer.write(GET.replace(b"Host", b"Connection: close\r\nHost"))
        _, headers, _ = await answer(reader)
        assert ("keep-alive" in headers, headers["connection"]) == (False, "close")
        assert await reader.read() == b""
        writer.close()


async def test_idle_connections_end_and_busy_ones_do_not() -> None:
    """Each request starts the time anew; a head that has begun is waited for as long as a first one."""
    async with serving(ConnectionLimits(head=0.05, idle=0.03)) as port:
        with held_clock() as clock:
            reader, writer = await opened(port)
            for _ in range(4):
                await clock.advance(0.015)
                writer.write(GET[:20])
                await clock.advance(0.015)
                writer.write(GET[20:])
                assert (await answer(reader))[0] == 200
            await clock.advance(0.031)
            assert await reader.read() == b""
        writer.close()


async def test_no_more_than_may_be() -> None:
    """Security 20, reliability F19: 503 in the envelope, a line in the log, a figure in the metrics, room again later."""
    async with serving(ConnectionLimits(most=3, head=0.4)) as port:
        with capture_logs() as logs:
            held = [await opened(port, GET) for _ in range(3)]
            for reader, _ in held:
                assert (await answer(reader))[0] == 200
            reader, writer = await opened(port, GET)
            status, headers, body = await answer(reader)
            assert (status, json.loads(body)["Errors"][0]["ErrorCode"]) == (503, "Api.Busy")
            assert headers["retry-after"] == "2"
            writer.close()
        assert [entry["most"] for entry in logs if entry["event"] == "connections run short"] == [3]
        while b"entrepot_connections 3.0" not in metrics.exposition():
            await asyncio.sleep(0.05)
        held.pop()[1].close()
        reader, writer = await opened(port, GET)
        while (await answer(reader))[0] == 503:  # until the server has read that the other one is gone
            writer.close()
            reader, writer = await opened(port, GET)
        for _, each in (*held, (reader, writer)):
            each.close()


async def test_no_more_than_may_be_from_one_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a public address; all of a private one may be a proxy's."""
    limits = ConnectionLimits(most_each=1)
    async with serving(limits) as port:
        held = [await opened(port, GET) for _ in range(3)]
        for reader, _ in held:
            assert (await answer(reader))[0] == 200
        # The tests' own address stands for a public one.
        monkeypatch.setattr(connections, "is_public", "127.0.0.1".__eq__)
        reader, writer = await opened(port, GET)
        assert (await answer(reader))[0] == 503
        for _, each in (*held, (reader, writer)):
            each.close()


@pytest.mark.parametrize(
    ("target", "location"),
    [
        ("/ocrplogin?cid=x&roles=Shopper MeAdmin", "/ocrplogin?cid=x&roles=Shopper%20MeAdmin"),
        ("/v1/things?search=a b  c", "/v1/things?search=a%20b%20%20c"),
        ("//evil.example/ x", None),
        ("/\\evil.example/ x", None),
        ("http://evil.example/ x", None),
        ("/v1/things\t x", None),
        ("/v1/th\xe9 x", None),
    ],
)
async def test_spaces_in_a_target(target: str, location: str | None) -> None:
    """Behaviour B12: redirected to what was meant, as RFC 9112 has it; what could lead elsewhere is refused."""
    async with serving(ConnectionLimits()) as port:
        for verb, wanted in (("GET", location), ("POST", None)):
            request = f"{verb} {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode("latin-1")
            reader, writer = await opened(port, request)
            status, headers, _ = await answer(reader)
            assert (status, headers.get("location")) == (301 if wanted else 400, wanted)
            assert headers["connection"] == "close"
            writer.close()

"""The server below the application, over real sockets: malformed HTTP, limits, long URLs (FLT-9), chunked bodies."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
import uvicorn
from tests.http.shop import KEEPER, shop

from entrepot.declare.operation import BodyLimit
from entrepot.http.protocol import uvicorn_options

AUTH = f"Host: x\r\nAuthorization: Bearer {KEEPER}\r\n"


@pytest.fixture
async def port() -> AsyncIterator[int]:
    # The tests' own event loop runs the server, so uvicorn must not choose one.
    options = {**uvicorn_options(), "loop": "none"}
    server = uvicorn.Server(
        uvicorn.Config(shop(limit=BodyLimit(300_000, 1_000)), host="127.0.0.1", port=0, **options)
    )
    task = asyncio.create_task(server._serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await task


async def exchange(port: int, *parts: bytes) -> tuple[int, dict[str, str], bytes]:
    """Send the parts one after another; read one response."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
        status = int((await reader.readline()).split()[1])
        headers = {}
        while line := (await reader.readline()).decode().strip():
            name, _, value = line.partition(": ")
            headers[name.lower()] = value
        return status, headers, await reader.readexactly(int(headers.get("content-length", "0")))
    finally:
        writer.close()


@pytest.mark.parametrize(
    ("request_bytes", "status", "code"),
    [
        (b"NONSENSE\r\n\r\n", 400, "Request.Malformed"),
        (b"GET / HTTP/9.9\r\n\r\n", 400, "Request.Malformed"),
        (b"GET /v1/me HTTP/1.1\r\nHost: x\r\nBad Header: y\r\n\r\n", 400, "Request.Malformed"),
        (b"GET /v1/me HTTP/1.1\r\nHost: x\r\nA: b\0c\r\n\r\n", 400, "Request.Malformed"),
        (b"GET /v1/m\xc3\xa9 HTTP/1.1\r\nHost: x\r\n\r\n", 400, "Request.Malformed"),
        (b"POST /v1/things HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400, "Request.Malformed"),
        (b"POST /v1/things HTTP/1.1\r\nHost: x\r\nContent-Length: abc\r\n\r\n", 400, "Request.Malformed"),
        (b"GET /v1/" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414, "Request.UrlTooLong"),
        (b"GET /v1/me HTTP/1.1\r\nHost: x\r\nA: " + b"a" * 600_000, 431, "Request.HeadersTooLarge"),
        (b"GET /v1/me HTTP/1.1\r\nHost: x\r\nAuthorization: \xff\xfe\r\n\r\n", 401, "InvalidToken"),
        (
            b"GET /v1/me HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
            401,
            "InvalidToken",
        ),
        (
            f"POST /v1/things HTTP/1.1\r\n{AUTH}Content-Length: 300001\r\n\r\n{{".encode(),
            413,
            "Request.BodyTooLarge",
        ),
        (
            f"POST /v1/things HTTP/1.1\r\n{AUTH}Transfer-Encoding: chunked\r\n\r\nzz\r\n".encode(),
            400,
            "Request.Malformed",
        ),
    ],
)
async def test_bad_http_gets_the_envelope(port: int, request_bytes: bytes, status: int, code: str) -> None:
    got, headers, body = await exchange(port, request_bytes)
    assert (got, json.loads(body)["Errors"][0]["ErrorCode"]) == (status, code)
    assert headers["content-type"] == "application/json; charset=utf-8"
    assert headers["access-control-allow-origin"] == "*"
    assert "server" not in headers


@pytest.mark.parametrize("length", [2086, 8 * 1024, 60_000])
async def test_long_urls_work(port: int, length: int) -> None:
    """FLT-9."""
    query = "ID=" + "a|" * (length // 2)
    status, _, body = await exchange(port, f"GET /v1/things?{query} HTTP/1.1\r\n{AUTH}\r\n".encode())
    assert (status, json.loads(body)["query"]) == (200, query)


async def test_a_body_is_no_head(port: int) -> None:
    """Limits of the head do not count body bytes, whether they come with the head or after it."""
    body = b'"' + b"x" * 250_000 + b'"'
    head = f"PUT /v1/things/x HTTP/1.1\r\n{AUTH}Content-Length: {len(body)}\r\n\r\n".encode()
    for parts in ((head + body,), (head, body), (head[:50], head[50:] + body[:100], body[100:])):
        status, _, answer = await exchange(port, *parts)
        assert (status, len(json.loads(answer)["body"])) == (200, len(body))


async def test_chunked_bodies_are_read_up_to_the_limit(port: int) -> None:
    head = f"PUT /v1/things/x HTTP/1.1\r\n{AUTH}Transfer-Encoding: chunked\r\n\r\n".encode()
    chunk = b"2710\r\n" + b"x" * 10_000 + b"\r\n"
    status, _, answer = await exchange(port, head, chunk * 30, b"0\r\n\r\n")
    assert (status, len(json.loads(answer)["body"])) == (200, 300_000)
    status, _, answer = await exchange(port, head, chunk * 31)
    assert (status, json.loads(answer)["Errors"][0]["ErrorCode"]) == (413, "Request.BodyTooLarge")


async def test_a_connection_serves_many_requests(port: int) -> None:
    """Requests that share a read, and many small ones one after another, never add up to a large head."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    request = f"GET /v1/me HTTP/1.1\r\n{AUTH}X-Padding: {'p' * 2000}\r\n\r\n".encode()
    try:
        for _ in range(5):
            writer.write(request * 20)
            for _ in range(20):
                head = await reader.readuntil(b"\r\n\r\n")
                assert head.startswith(b"HTTP/1.1 200")
                length = next(
                    line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")
                )
                await reader.readexactly(int(length.split(b":")[1]))
    finally:
        writer.close()

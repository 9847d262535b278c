"""The way to another server: certificates are checked, redirects and proxies not followed, answers bounded and whole."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tests.certificates import certificate

from entrepot.features.seeding.remote import transport
from entrepot.features.seeding.remote.transport import (
    Answer,
    UnreachedError,
    UntrustedError,
    open_transport,
)

Answered = tuple[str, list[bytes]]


@asynccontextmanager
async def answering(text: bytes, context: ssl.SSLContext | None = None) -> AsyncIterator[Answered]:
    """A server that answers every connection with these bytes and closes; its address, and what it was asked."""
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(text)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    async with server:
        scheme = "http" if context is None else "https"
        yield f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}", asked


async def get(url: str) -> Answer:
    async with open_transport() as send:
        return await send("GET", f"{url}/v1/a%2Fb?ID=%3Ex", {"Authorization": "Bearer t"}, None)


async def test_an_answer_comes_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the path is rewritten nor a proxy of the environment asked."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    text = b"HTTP/1.1 429 Slow\r\nRetry-After: 3\r\nContent-Length: 2\r\nSet-Cookie: a=b\r\n\r\n{}"
    async with answering(text) as (url, asked):
        answer = await get(url)
    assert (answer.status, answer.body, answer.headers["retry-after"]) == (429, b"{}", "3")
    assert asked[0].startswith(b"GET /v1/a%2Fb?ID=%3Ex HTTP/1.1\r\n")


async def test_a_redirect_is_an_answer() -> None:
    text = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n"
    async with answering(text) as (url, asked):
        assert (await get(url)).status == 302
    assert len(asked) == 1


@pytest.mark.parametrize(
    "text",
    [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{", b"no HTTP at all\r\n\r\n"],
    ids=["cut", "half", "other"],
)
async def test_what_is_cut_off_is_no_answer(text: bytes) -> None:
    async with answering(text) as (url, _):
        with pytest.raises(UnreachedError):
            await get(url)


async def test_nobody_there_is_no_answer() -> None:
    async with answering(b"") as (url, _):
        pass
    with pytest.raises(UnreachedError):
        await get(url)


async def test_an_answer_without_end_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "MAX_ANSWER", 1000)
    async with answering(b"HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n" + b"x" * 2000) as (url, _):
        with pytest.raises(UnreachedError, match="more than 1,000 bytes"):
            await get(url)


async def test_a_certificate_that_nobody_vouches_for_is_not_trusted(tmp_path: Path) -> None:
    context, _ = certificate(tmp_path)
    async with answering(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", context) as (url, asked):
        with pytest.raises(UntrustedError):
            await get(url)
    assert asked == [], "nothing was sent"

"""A client that takes little of the machine: one HTTP connection, one request at a time."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self

from benchmarks.load import LoadError, Request


class HttpConnection:
    """A kept connection to a server of the loopback interface, whose answers tell their length."""

    def __init__(self, base_url: str) -> None:
        self._host, _, port = base_url.removeprefix("http://").partition(":")
        self._port = int(port)

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection(self._host, self._port)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.close()

    async def send(self, request: Request) -> bytes:
        """The body of the answer. Raises LoadError for a refusal."""
        body = request.body.encode()
        head = f"{request.method} {request.path} HTTP/1.1\r\nHost: {self._host}\r\n"
        if request.authorization:
            head += f"Authorization: {request.authorization}\r\n"
        if request.idempotency_key:
            head += f"Idempotency-Key: {request.idempotency_key}\r\n"
        if body:
            head += f"Content-Type: {request.content_type}\r\n"
        self._writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        lines = (await self._reader.readuntil(b"\r\n\r\n")).split(b"\r\n")
        length = next((line for line in lines if line.lower().startswith(b"content-length:")), b":0")
        answer = await self._reader.readexactly(int(length.partition(b":")[2]))
        if not lines[0].split(b" ")[1].startswith(b"2"):
            raise LoadError(f"{request.method} {request.path}: {lines[0].decode()}\n{answer.decode()}")
        return answer

"""HTTP/1.1 below the application: uvicorn's httptools protocol, with limits and refusals in the error envelope."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Any

import msgspec
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from entrepot.http.encoding import JSON
from entrepot.http.errors import envelope
from entrepot.http.joined_writes import JoinedWrites
from entrepot.kernel.errors import ApiError, HeadersTooLargeError, MalformedRequestError, UrlTooLongError

MAX_URL = 64 * 1024
"""Bytes of a request target. FLT-9 asks for 8 KB."""
MAX_HEAD = 128 * 1024
"""Bytes of request line and headers together, give or take what one read from the socket brings."""
SPOKEN = frozenset({"1.0", "1.1"})
"""The parser takes 0.9 and 2.0 as well."""


class Protocol(HttpToolsProtocol):
    """One connection. httptools itself has no limits: an endless header would be kept in memory."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.transport = JoinedWrites(transport, self.loop)
        self._refusal: ApiError = MalformedRequestError()
        self._head_size = 0
        self._in_head = True
        self._moved_on = False

    def data_received(self, data: bytes) -> None:
        self._moved_on = False
        super().data_received(data)
        # Only reads that lie within one head count: one that ends a head or a message holds other bytes too.
        if self._moved_on or not self._in_head or self.transport.is_closing():
            return
        self._head_size += len(data)
        if self._head_size > MAX_HEAD:
            self._refuse(HeadersTooLargeError(MAX_HEAD))

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._moved_on = True
        if len(self.url) > MAX_URL:
            self._refusal = UrlTooLongError(MAX_URL)
            raise ValueError("URL too long")
        if self.parser.get_http_version() not in SPOKEN:
            raise ValueError("another version of HTTP")
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._in_head = True
        self._moved_on = True
        self._head_size = 0
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Called by uvicorn for what the parser or a callback refused."""
        self._refuse(self._refusal)

    def _refuse(self, error: ApiError) -> None:
        body = msgspec.json.encode(envelope(error))
        head = (
            f"HTTP/1.1 {error.status} {HTTPStatus(error.status).phrase}\r\n"
            f"content-type: {JSON}\r\ncontent-length: {len(body)}\r\n"
            "access-control-allow-origin: *\r\ncache-control: no-cache\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()


def uvicorn_options() -> dict[str, Any]:
    """Arguments for uvicorn.Config that this application counts on; the caller adds app, host, port and workers."""
    return {
        "http": Protocol,
        "loop": "uvloop",
        "ws": "none",
        "interface": "asgi3",
        "lifespan": "on",
        # The application logs requests itself, and takes its address from the settings, not from proxies' headers.
        "access_log": False,
        "proxy_headers": False,
        "server_header": False,
        "log_config": None,
        "timeout_keep_alive": 75,
        "timeout_graceful_shutdown": 10,
    }

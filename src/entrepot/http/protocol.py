"""HTTP/1.1 below the application: uvicorn's httptools protocol, with limits and refusals in the error envelope."""

from __future__ import annotations

import asyncio
import fcntl
import re
import struct
import termios
from functools import partial
from http import HTTPStatus
from typing import Any

import msgspec
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from entrepot.http.abandoned import Abandoning
from entrepot.http.connections import LEAST_RATE, ConnectionLimits, Connections
from entrepot.http.encoding import JSON
from entrepot.http.errors import envelope
from entrepot.http.one_write import OneWrite
from entrepot.kernel.errors import (
    ApiError,
    HeadersTooLargeError,
    MalformedRequestError,
    RequestTimeoutError,
    TooBusyError,
    UrlTooLongError,
)

MAX_URL = 64 * 1024
"""Bytes of a request target. FLT-9 asks for 8 KB."""
MAX_HEAD = 128 * 1024
"""Bytes of request line and headers together, give or take what one read from the socket brings."""
SPOKEN = frozenset({"1.0", "1.1"})
"""The parser takes 0.9 and 2.0 as well."""
MARGIN = 5
"""Seconds by which `Keep-Alive` promises less than is kept."""

_SPACED = re.compile(rb"(?:GET|HEAD) (/(?![/\\])[\x21-\x7e]*(?: [\x21-\x7e]*)+) HTTP/1\.[01]\r?\n")


class Protocol(Abandoning):
    """One connection. httptools itself has no limits: an endless header would be kept in memory, a slow one for ever."""

    def __init__(self, *args: Any, connections: Connections, **more: Any) -> None:
        super().__init__(*args, **more)
        limits = connections.limits
        self.timeout_keep_alive = limits.idle  # type: ignore[assignment] # fractions of seconds will do, too
        self._all = connections
        self._kept = [(b"keep-alive", b"timeout=%d" % max(1, limits.idle - MARGIN))]
        self.peer = ""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._refusal: ApiError = MalformedRequestError()
        self._first = b""
        self._head_size = self._body_size = 0
        self._in_head = True
        self._moved_on = False
        self._since: float | None = self.loop.time()
        self.peer = self.client[0] if self.client else ""
        if not self._all.admit(self, self.loop):
            self._refuse(TooBusyError())

    def connection_lost(self, exc: Exception | None) -> None:
        self._all.discard(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        self._moved_on = False
        if self._in_head and not self._head_size:
            self._first = data
            if self._since is None:
                self._since = self.loop.time()
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
        if self.cycle.keep_alive:
            self.cycle.default_headers = self._kept

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        super()._start_asgi_task(cycle, OneWrite(cycle, app))

    def on_body(self, body: bytes) -> None:
        self._body_size += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._in_head = True
        self._moved_on = True
        self._head_size = self._body_size = 0
        self._since = None
        super().on_message_complete()

    def timeout_keep_alive_handler(self) -> None:
        """Idle for too long, unless a request has come that nobody has read yet."""
        if self._unread():
            self.timeout_keep_alive_task = self.loop.call_later(1.0, self.timeout_keep_alive_handler)
        else:
            super().timeout_keep_alive_handler()

    def is_late(self, now: float) -> bool:
        """Whether the client has let this side wait for its head or its body too long."""
        if self._since is None or self.transport.is_closing():
            return False
        if self.flow.read_paused:
            # It is this side that does not read.
            self._since = now
            return False
        allowed = self._all.limits.head
        if not self._in_head:
            allowed = 2 * allowed + self._body_size / LEAST_RATE
        return now - self._since > allowed

    def cut(self) -> None:
        """408 to whoever has begun a request and can still be answered; nothing to whoever has said nothing."""
        cycle: Any = self.cycle
        answered = cycle is not None and cycle.response_started and not self._in_head
        if answered or (self._in_head and not self._head_size):
            self.transport.close()
        else:
            self._refuse(RequestTimeoutError())

    def send_400_response(self, msg: str) -> None:
        """Called by uvicorn for what the parser or a callback refused."""
        spaced = _SPACED.match(self._first) if self._in_head and not self._head_size else None
        if spaced is not None and isinstance(self._refusal, MalformedRequestError):
            self._show_the_way(spaced[1].replace(b" ", b"%20"))
        else:
            self._refuse(self._refusal)

    def _show_the_way(self, target: bytes) -> None:
        """A request line with spaces in its target is no HTTP; RFC 9112, 3, has it redirected to the encoded target."""
        self._answer(301, [b"location: " + target, b"content-length: 0"], b"")

    def _refuse(self, error: ApiError) -> None:
        body = msgspec.json.encode(envelope(error))
        headers = [f"{name.lower()}: {value}".encode() for name, value in error.headers().items()]
        headers += [f"content-type: {JSON}".encode(), b"content-length: %d" % len(body)]
        self._answer(error.status, [*headers, b"x-content-type-options: nosniff"], body)

    def _answer(self, status: int, headers: list[bytes], body: bytes) -> None:
        head = [
            f"HTTP/1.1 {status} {HTTPStatus(status).phrase}".encode(),
            *headers,
            b"access-control-allow-origin: *",
            b"cache-control: no-cache",
            b"connection: close",
        ]
        self.transport.write(b"\r\n".join(head) + b"\r\n\r\n" + body)
        self.transport.close()

    def _unread(self) -> bool:
        socket = self.transport.get_extra_info("socket")
        if socket is None or socket.fileno() < 0:
            return False
        (number,) = struct.unpack("i", fcntl.ioctl(socket.fileno(), termios.FIONREAD, b"\0" * 4))
        return bool(number > 0)


def uvicorn_options(limits: ConnectionLimits | None = None) -> dict[str, Any]:
    """Arguments for uvicorn.Config that this application counts on; the caller adds app, host, port and workers."""
    return {
        "http": partial(Protocol, connections=Connections(limits or ConnectionLimits())),
        "loop": "uvloop",
        "ws": "none",
        "interface": "asgi3",
        "lifespan": "on",
        # The application logs requests itself, and takes its address from the settings, not from proxies' headers.
        "access_log": False,
        "proxy_headers": False,
        "server_header": False,
        "log_config": None,
        # Longer than a call abroad may take, whose outcome a request waits for.
        "timeout_graceful_shutdown": 40,
    }

"""The head and the body of an answer in one packet.

uvicorn writes them one after the other, and uvloop makes a system call of each write: for small answers that is the dearest
step of all. It also looks at each header by itself, here all are looked at together.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from entrepot.http import streaming
from entrepot.http.faults import CUT

Message = dict[str, Any]
Send = Callable[[Message], Awaitable[None]]
Receive = Callable[[], Awaitable[Message]]
Application = Callable[[dict[str, Any], Receive, Send], Coroutine[Any, Any, None]]

_CONTROLS = bytes([*(code for code in range(0x20) if code != 0x09), 0x7F])
"""What no value of a header may hold: a line of its own could be made with it."""


class OneWrite:
    """An application whose whole answers are written at once; all others (in parts, to HEAD, to slow readers) go uvicorn's way."""

    __slots__ = ("_app", "_cycle", "_start")

    def __init__(self, cycle: RequestResponseCycle, app: Application) -> None:
        self._cycle = cycle
        self._app = app
        self._start: Message | None = None

    def __call__(self, scope: dict[str, Any], receive: Receive, _send: Send) -> Coroutine[Any, Any, None]:
        return self._app(scope, receive, self.send)

    async def send(self, message: Message) -> None:
        """Hold the start until there is a body."""
        if self._start is None and message["type"] == "http.response.start":
            self._start = message
            return
        start, self._start = self._start, None
        cycle: Any = self._cycle
        if CUT in cycle.scope.get("state", ()):
            cycle.response_started = cycle.response_complete = True
            cycle.message_event.set()
            cycle.transport.abort()
            return
        answer = None if start is None else _whole(cycle, start, message)
        if answer is None:
            if start is not None:
                streaming.attach(cycle.scope, cycle.transport.abort)
                await cycle.send(start)
            await cycle.send(message)
            return
        cycle.waiting_for_100_continue = False
        cycle.response_started = cycle.response_complete = True
        cycle.message_event.set()
        cycle.transport.write(answer)
        if not cycle.keep_alive:
            cycle.transport.close()
        cycle.on_response()


def _whole(cycle: Any, start: Message, message: Message) -> bytes | None:
    """The bytes of an answer that needs nothing of uvicorn's."""
    body: bytes = message.get("body", b"")
    headers = [*cycle.default_headers, *start["headers"]]
    fields = dict(headers)
    if (
        fields.get(b"content-length") != b"%d" % len(body)
        or len(fields) != len(headers)
        or b"transfer-encoding" in fields
        or b"connection" in fields
        or message.get("more_body")
        or message["type"] != "http.response.body"
        or cycle.scope["method"] == "HEAD"
        or cycle.response_started
        or cycle.disconnected
        or cycle.flow.write_paused
    ):
        return None
    if not cycle.keep_alive:
        headers.append((b"connection", b"close"))
    lines = b"\r\n".join(map(b": ".join, headers))
    if len(lines) - len(lines.translate(None, _CONTROLS)) != 2 * (len(headers) - 1):
        return None
    return b"".join((STATUS_LINE[start["status"]], lines, b"\r\n\r\n", body))

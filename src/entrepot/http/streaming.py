"""Answers without an end: server-sent events, which the connection ends with, and the server's end ends.

A connection knows of the one that it sends by the state of its request: whoever has hung up, and a server that stops, end it at once,
in place of waiting for one another.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from falcon.asgi import Response

from entrepot.declare.operation import Stream
from entrepot.http.request import Request

EVENT_STREAM = "text/event-stream; charset=utf-8"
_STREAM = "stream"


async def answer_with(stream: Stream, request: Request, response: Response) -> None:
    """Let the response be a stream. HEAD has none."""
    response.content_type = EVENT_STREAM
    # What gathers answers before it passes them on does not here.
    response.set_header("X-Accel-Buffering", "no")
    if request.method == "HEAD":
        await stream.close()
        return
    response.stream = cast(Any, stream)
    state = request.scope.get("state")
    if state is not None:
        state[_STREAM] = stream


def attach(scope: Mapping[str, Any], cut: Callable[[], object]) -> None:
    """Tell the stream of a request how its connection is cut, if it has one."""
    stream = _stream_of(scope)
    if stream is not None:
        stream.attach(cut)


def end(scope: Mapping[str, Any], *, gone: bool) -> None:
    """End the stream of a request, if it has one."""
    stream = _stream_of(scope)
    if stream is not None:
        stream.end(gone=gone)


def _stream_of(scope: Mapping[str, Any]) -> Stream | None:
    return cast("Stream | None", scope.get("state", {}).get(_STREAM))

"""A tool's call as a request of this process to itself: through the same steps as any other, from the router to the logs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from entrepot.http.mcp.arguments import Asked
from entrepot.http.repeating import HEADER as IDEMPOTENCY_KEY
from entrepot.http.request import Request
from entrepot.kernel.errors import AnswerUnfitError

Message = dict[str, Any]
Application = Callable[..., Awaitable[None]]

LARGEST = 512 * 1024
"""Bytes of an answer that is read for an assistant, which has no room for more."""

_PASSED_ON = (b"authorization", b"x-forwarded-for", b"host", b"user-agent")
_STREAM = b"text/event-stream"


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of it. body: JSON, or nothing."""

    status: int
    headers: dict[bytes, bytes]
    body: bytes


class _StreamError(Exception):
    """The answer has no end."""


async def ask(application: Application, outer: Request, asked: Asked) -> Answered:
    """Make the request for whoever makes the outer one, under the same request ID. Raises AnswerUnfitError."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start" and _is_stream(message):
            raise _StreamError
        sent.append(message)

    events = [{"type": "http.request", "body": asked.body, "more_body": False}]

    async def receive() -> Message:
        if not events:
            # Nobody hangs up on this request but by ending the outer one.
            await asyncio.Event().wait()
        return events.pop()

    try:
        await application(_scope(outer, asked), receive, send)
    except _StreamError:
        raise AnswerUnfitError(
            message=f"{asked.operation.id} answers as long as it is heard: call it over HTTP."
        ) from None
    start, *rest = sent
    body = b"".join(message.get("body", b"") for message in rest)
    if asked.operation.verb == "GET" and len(body) > LARGEST:
        raise AnswerUnfitError(
            {"MaxBytes": LARGEST, "Bytes": len(body)},
            message="The answer is too large: ask for a smaller pageSize, or for one thing.",
        )
    return Answered(start["status"], dict(start["headers"]), body)


def _is_stream(start: Message) -> bool:
    return any(name == b"content-type" and value.startswith(_STREAM) for name, value in start["headers"])


def _scope(outer: Request, asked: Asked) -> Message:
    scope = outer.scope
    headers = [(name, value) for name, value in scope["headers"] if name in _PASSED_ON]
    headers.append((b"x-request-id", outer.id.encode()))
    headers.append((b"content-length", b"%d" % len(asked.body)))
    if asked.body:
        headers.append((b"content-type", b"application/json"))
    if asked.key:
        headers.append((IDEMPOTENCY_KEY.lower().encode(), asked.key.encode()))
    return {
        "type": "http",
        "asgi": scope["asgi"],
        "http_version": "1.1",
        "method": asked.operation.verb,
        "scheme": scope["scheme"],
        "path": unquote(asked.path),
        "raw_path": asked.path.encode(),
        "query_string": asked.query.encode(),
        "root_path": "",
        "headers": headers,
        "server": scope.get("server"),
        "client": scope.get("client"),
        # Of the connection: whoever hangs up ends what he reads, and what is cut is his.
        "state": scope.setdefault("state", {}),
    }

"""Drives an ASGI application with full control over raw paths, headers and body chunks."""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

App = Any


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes
    chunks_taken: int = 0
    """How many body chunks the application asked for."""
    sends: list[dict[str, Any]] = field(default_factory=list)

    @property
    def json(self) -> Any:
        text = gzip.decompress(self.body) if self.headers.get("content-encoding") == "gzip" else self.body
        return json.loads(text)

    @property
    def codes(self) -> list[str]:
        return [error["ErrorCode"] for error in self.json["Errors"]]


def bearer(name: str, exp: int = 4102444800) -> str:
    """A token in a JWT's form, whose payload names a caller; nothing in the HTTP layer checks a signature."""
    payload = base64.urlsafe_b64encode(json.dumps({"usr": name, "exp": exp}).encode()).decode().rstrip("=")
    return f"e30.{payload}.c2ln"


async def ask(
    app: App,
    verb: str,
    target: str,
    *,
    token: str | None = None,
    headers: Sequence[tuple[str, str | bytes]] = (),
    body: bytes | Sequence[bytes] | None = None,
    disconnect: bool = False,
) -> Answer:
    """One request. `body` as a sequence is sent in chunks without Content-Length; `disconnect` hangs up after them."""
    path, _, query = target.partition("?")
    raw_headers = [(b"host", b"shop.example")]
    if token is not None:
        raw_headers.append((b"authorization", f"Bearer {token}".encode()))
    if isinstance(body, bytes):
        raw_headers.append((b"content-length", str(len(body)).encode()))
    raw_headers += [(n.lower().encode(), v if isinstance(v, bytes) else v.encode()) for n, v in headers]
    chunks = [body or b""] if isinstance(body, bytes) or body is None else list(body)
    events = [
        {"type": "http.request", "body": chunk, "more_body": disconnect or index < len(chunks) - 1}
        for index, chunk in enumerate(chunks)
    ]
    taken = 0

    async def receive() -> dict[str, Any]:
        nonlocal taken
        if taken < len(events):
            taken += 1
            return events[taken - 1]
        return {"type": "http.disconnect"}

    sends: list[dict[str, Any]] = []

    async def send(event: dict[str, Any]) -> None:
        sends.append(event)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": verb,
        "scheme": "http",
        "path": _unquoted(path),
        "raw_path": path.encode("latin-1"),
        "root_path": "",
        "query_string": query.encode("latin-1"),
        "headers": raw_headers,
        "server": ("127.0.0.1", 80),
        "client": ("127.0.0.1", 50000),
    }
    await app(scope, receive, send)
    start = sends[0]
    found = {name.decode(): value.decode() for name, value in start["headers"]}
    return Answer(start["status"], found, b"".join(e.get("body", b"") for e in sends[1:]), taken, sends)


def _unquoted(path: str) -> str:
    from urllib.parse import unquote

    return unquote(path)


@asynccontextmanager
async def started(app: App) -> AsyncIterator[App]:
    """The application between its start-up and shutdown events."""
    incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    outgoing: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}}
    task = asyncio.create_task(app(scope, incoming.get, outgoing.put))
    await incoming.put({"type": "lifespan.startup"})
    assert (await outgoing.get())["type"] == "lifespan.startup.complete"
    try:
        yield app
    finally:
        await incoming.put({"type": "lifespan.shutdown"})
        assert (await outgoing.get())["type"] == "lifespan.shutdown.complete"
        await task

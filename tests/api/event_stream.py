"""Listens to the events of a marketplace, as somebody at the other end of a connection would."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.api.marketplace import Api, Server

PATH = "/entrepot/v1/events"


@dataclass
class Heard:
    """What came so far. events: those of the marketplace; notices: what was said of the stream itself, with its name."""

    events: list[dict[str, Any]] = field(default_factory=list)
    notices: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    ids: list[int] = field(default_factory=list)
    """Of all that had one, the greeting's first."""
    status: int = 0
    taking: asyncio.Event = field(default_factory=asyncio.Event)
    """Cleared: nothing more is taken from the server."""
    holding: asyncio.Event = field(default_factory=asyncio.Event)
    """Set while a piece waits to be taken."""
    cut: bool = False
    task: asyncio.Task[None] | None = None
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    _rest: str = ""

    async def until(self, number: int) -> list[dict[str, Any]]:
        """The events, once there are so many."""
        async with asyncio.timeout(30), self._changed:
            await self._changed.wait_for(lambda: len(self.events) >= number)
        return self.events

    async def ended(self) -> list[tuple[str, dict[str, Any]]]:
        """The notices, once the server has ended the stream."""
        assert self.task is not None
        async with asyncio.timeout(30):
            await asyncio.shield(self.task)
        return self.notices

    async def take(self, text: str) -> None:
        """A piece."""
        *whole, self._rest = (self._rest + text).split("\n\n")
        async with self._changed:
            for event in whole:
                lines = [line.split(": ", 1) for line in event.splitlines() if not line.startswith(":")]
                self._note(dict(lines))
            self._changed.notify_all()

    def _note(self, found: Mapping[str, str]) -> None:
        if "id" in found:
            self.ids.append(int(found["id"]))
        if "event" in found:
            self.notices.append((found["event"], json.loads(found["data"])))
        elif "data" in found:
            self.events.append(json.loads(found["data"]))


@asynccontextmanager
async def listening(
    api: Api,
    query: str = "",
    *,
    token: str | None = None,
    server: Server | None = None,
    after: int | None = None,
    held: bool = False,
) -> AsyncIterator[Heard]:
    """An open stream, which is left at the end. after: sent as an EventSource does that comes back. held: nothing is taken
    after the greeting.
    """
    heard, begun = Heard(), asyncio.Event()
    heard.taking.set()
    gone = asyncio.Event()
    token = token or api.token(api.admin, ["FullAccess"])
    headers = [(b"authorization", f"Bearer {token}".encode())]
    if after is not None:
        headers.append((b"last-event-id", str(after).encode()))
    state: dict[str, Any] = {}
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "headers": headers,
        "scheme": "http",
        "path": PATH,
        "raw_path": PATH.encode(),
        "query_string": query.encode(),
        "server": ("127.0.0.1", 80),
        "client": ("127.0.0.1", 123),
        "root_path": "",
        "state": state,
    }

    asked: list[bool] = []

    async def receive() -> dict[str, Any]:
        if not asked:
            asked.append(True)
            return {"type": "http.request", "body": b"", "more_body": False}
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(event: dict[str, Any]) -> None:
        if event["type"] == "http.response.start":
            heard.status = event["status"]
            return
        if "stream" in state and not begun.is_set():
            state["stream"].attach(_cutting(heard))
        if not heard.taking.is_set():
            heard.holding.set()
            await heard.taking.wait()
        if not heard.cut:
            await heard.take(event.get("body", b"").decode())
        if held and not begun.is_set():
            heard.taking.clear()
        begun.set()

    heard.task = asyncio.create_task((server or api.server).app(scope, receive, send))
    waiting = asyncio.create_task(begun.wait())
    await asyncio.wait({heard.task, waiting}, return_when=asyncio.FIRST_COMPLETED)
    try:
        yield heard
    finally:
        waiting.cancel()
        gone.set()
        heard.taking.set()
        if "stream" in state:
            state["stream"].end(gone=True)
        async with asyncio.timeout(30):
            await heard.task


def _cutting(heard: Heard) -> Any:
    """What an aborted transport does: whatever is on its way is lost, and nobody waits any more."""

    def cut() -> None:
        heard.cut = True
        heard.taking.set()

    return cut

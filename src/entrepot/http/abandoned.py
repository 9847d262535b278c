"""Reads whose client has hung up end at once, and their statements in the database with them.

Without this a client that asks for something heavy and gives up soon leaves the work behind, again and again. What writes
goes on: its answer is lost, its effect is not; but for what keeps many rows locked for long, and is undone
(Operation.ends_with_client). A request pays two entries of a dictionary for it.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from entrepot.http import streaming
from entrepot.http.request import Request
from entrepot.kernel.errors import ApiError, ClientGoneError, StoppingError

_READING = "reading"
_ABANDONED = "abandoned"
_GONE = "the client has hung up"


def may_abandon(request: Request) -> None:
    """From now on the request ends when its client hangs up."""
    state = request.scope.get("state")
    if state is not None:
        state[_READING] = True


def keep(request: Request) -> None:
    """From now on it does not: what is left is to answer."""
    state = request.scope.get("state")
    if state is not None:
        state[_READING] = False


def interruption(cancelled: asyncio.CancelledError, request: Request | None = None) -> ApiError:
    """What the end of a task means that serves a request: its client has gone, or the server stops and waits no longer. Of a task
    that works for the one which was ended, the request tells.
    """
    task = asyncio.current_task()
    if task is not None:
        task.uncancel()
    state = {} if request is None else request.scope.get("state", {})
    return ClientGoneError() if _GONE in cancelled.args or _ABANDONED in state else StoppingError()


class Abandoning(HttpToolsProtocol):
    """uvicorn's protocol, which tells the request that it serves of the end of its connection."""

    _serving: tuple[asyncio.Task[None], RequestResponseCycle] | None = None

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        task = self.loop.create_task(cycle.run_asgi(app))
        task.add_done_callback(self.tasks.discard)
        self.tasks.add(task)
        self._serving = task, cycle

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self._serving is None:
            return
        task, cycle = self._serving
        self._serving = None
        if not cycle.response_complete:
            cycle.disconnected = True  # uvicorn tells the last of several pipelined requests alone
            streaming.end(cycle.scope, gone=True)
            if cycle.scope["state"].get(_READING):
                cycle.scope["state"][_ABANDONED] = True
                task.cancel(_GONE)

    def shutdown(self) -> None:
        """The server stops: what would go on for ever ends now."""
        super().shutdown()
        if self._serving is not None:
            streaming.end(self._serving[1].scope, gone=False)

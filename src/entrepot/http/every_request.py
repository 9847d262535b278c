"""What surrounds every request, whether it reaches an operation or not; see the table in pipeline.py."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from time import perf_counter
from typing import Any

import structlog
from falcon.asgi import Response

from entrepot.http import access_log, cors, metrics
from entrepot.http.compression import MIN_LENGTH, compress, may_compress
from entrepot.http.exchange import Opened, Site
from entrepot.http.request import Request

START_SECONDS = 5.0
"""How long a start may take before the server listens without being ready."""

_OF_ALL = {"x-content-type-options": "nosniff"}
_FOR_ALL_ORIGINS = _OF_ALL | {name.lower(): value for name, value in cors.EVERYWHERE.items()}

log = structlog.get_logger("entrepot.http")

Lifespan = Callable[[], AbstractAsyncContextManager[Opened]]


class EveryRequest:
    """Falcon middleware: the steps before the route and after the response, and the server's start and stop."""

    def __init__(self, site: Site, lifespan: Lifespan) -> None:
        self._site = site
        self._lifespan = lifespan
        self._opened: AbstractAsyncContextManager[Opened] | None = None
        self._opening: asyncio.Task[None] | None = None

    async def process_startup(self, scope: dict[str, Any], event: dict[str, Any]) -> None:
        """A failure stops the server. What takes long (a database that is away) goes on beside requests, which are refused."""
        self._opening = asyncio.create_task(self._open())
        done, _ = await asyncio.wait({self._opening}, timeout=START_SECONDS)
        if done:
            self._opening.result()
        else:
            self._opening.add_done_callback(_stop_if_failed)

    async def _open(self) -> None:
        opened = self._lifespan()
        self._site.open(await opened.__aenter__())
        self._opened = opened

    async def process_shutdown(self, scope: dict[str, Any], event: dict[str, Any]) -> None:
        if self._opening is not None:
            self._opening.cancel()
            await asyncio.wait({self._opening})
        self._site.close()
        if self._opened is not None:
            opened, self._opened = self._opened, None
            await opened.__aexit__(None, None, None)
        access_log.OUTPUT.flush()
        metrics.tell()

    async def process_request(self, req: Request, resp: Response) -> None:
        cors.answer_preflight(req, resp)

    async def process_response(
        self, req: Request, resp: Response, resource: object, req_succeeded: bool
    ) -> None:
        # Where Falcon's methods keep headers, by names in lower case; they look at each name and each value once more.
        headers = resp._headers  # noqa: SLF001
        headers.update(_FOR_ALL_ORIGINS if req.cross_origin else _OF_ALL)
        headers["x-request-id"] = req.id
        if "cache-control" not in headers:
            # What somebody sees by his token is for nobody's disk.
            headers["cache-control"] = "no-cache" if req.authorization is None else "no-store"
        caller, answer = req.noted_for, resp.data
        if answer is not None and len(answer) >= MIN_LENGTH and may_compress(req, resp):
            await compress(resp, answer)
        seconds = perf_counter() - req.started
        status = resp.status_code
        metrics.observe(req.operation, status, seconds)
        if not req.quiet:
            access_log.write(req, status, seconds)
        if caller is None:
            return
        site = self._site
        if site.notes is not None:
            site.notes.note(caller, req, status, seconds, site.clock)
        if caller.recording is not None and site.records is not None:
            site.records.take(caller, req, status, answer or b"", seconds, site.clock())


def _stop_if_failed(opening: asyncio.Task[None]) -> None:
    if not opening.cancelled() and opening.exception() is not None:
        log.error("cannot start", exc_info=opening.exception())
        signal.raise_signal(signal.SIGTERM)

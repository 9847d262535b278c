"""Routes of the server itself: liveness, readiness, metrics, and the way to the documentation."""

from __future__ import annotations

import falcon
import structlog
from falcon.asgi import Response

from entrepot.http import metrics
from entrepot.http.encoding import JSON
from entrepot.http.exchange import Site
from entrepot.http.request import Request
from entrepot.kernel.errors import ApiOfflineError

READY_TIMEOUT = 2.0
"""Seconds that the database may take to answer a readiness check."""

log = structlog.get_logger("entrepot.http")


class Health:
    """`GET /healthz`: the process answers."""

    async def on_get(self, req: Request, resp: Response) -> None:
        req.quiet = True
        resp.content_type = JSON
        resp.data = b'{"status":"ok"}'


class Readiness:
    """`GET /readyz`: the database answers and takes writes, else 503."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def on_get(self, req: Request, resp: Response) -> None:
        req.quiet = True
        try:
            # On a connection of its own: a server under load is ready all the same.
            await self._site.backend.pool.reach.ask(READY_TIMEOUT)
        except Exception as error:
            log.warning("not ready", error=repr(error))
            raise ApiOfflineError from error
        resp.content_type = JSON
        resp.data = b'{"status":"ready"}'


class Metrics:
    """`GET /metrics`."""

    async def on_get(self, req: Request, resp: Response) -> None:
        req.quiet = True
        resp.content_type = metrics.CONTENT_TYPE
        resp.data = metrics.exposition()


class Front:
    """`GET /`: to the documentation."""

    async def on_get(self, req: Request, resp: Response) -> None:
        raise falcon.HTTPFound("/docs")

"""Routes of the server itself: liveness, readiness, metrics, and the way to the documentation."""

from __future__ import annotations

import hmac
from ipaddress import ip_address

import falcon
import structlog
from falcon.asgi import Response

from entrepot.http import metrics
from entrepot.http.authentication import credentials
from entrepot.http.encoding import JSON
from entrepot.http.exchange import Site
from entrepot.http.request import Request
from entrepot.kernel.errors import ApiOfflineError, MetricsForbiddenError

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
            await self._site.opened.backend.pool.reach.ask(READY_TIMEOUT)
        except Exception as error:
            log.warning("not ready", error=repr(error))
            raise ApiOfflineError from error
        resp.content_type = JSON
        resp.data = b'{"status":"ready"}'


FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")
"""What a proxy adds: then the peer is the proxy, and nobody knows who asks."""


class Metrics:
    """`GET /metrics`: for whoever has the token, or, where there is none, for programs of this machine."""

    def __init__(self, token: str) -> None:
        self._token = token

    async def on_get(self, req: Request, resp: Response) -> None:
        req.quiet = True
        req.cross_origin = False
        if not (self._has_token(req) if self._token else _is_near(req)):
            raise MetricsForbiddenError
        resp.content_type = metrics.CONTENT_TYPE
        resp.data = metrics.exposition()

    def _has_token(self, req: Request) -> bool:
        given = credentials(req.get_header("Authorization"))
        return hmac.compare_digest(given.encode(), self._token.encode())


def _is_near(req: Request) -> bool:
    client = req.scope.get("client")
    return (
        client is not None
        and ip_address(client[0]).is_loopback
        and all(req.get_header(name) is None for name in FORWARDED)
    )


class Front:
    """`GET /`: to the documentation, unless the application has a page of its own there."""

    async def on_get(self, req: Request, resp: Response) -> None:
        raise falcon.HTTPFound("/docs")

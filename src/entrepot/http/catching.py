"""Routes of catchers: `/entrepot/catch/{address}` and up to three segments more, by any method, for anybody."""

from __future__ import annotations

from collections.abc import Iterator

import falcon
from falcon.asgi import Response

from entrepot.declare.operation import OWN_ROOT
from entrepot.engine.attempts import Of
from entrepot.http import body
from entrepot.http.exchange import Site
from entrepot.http.request import Request
from entrepot.http.routing import Route, shape
from entrepot.kernel.errors import RouteNotFoundError

ROOT = f"{OWN_ROOT}catch"
DEEPEST = 3
MOST_READ = 2 * 2**20
"""Bytes of a body: as many as a delivery has at most."""
HARMLESS = "default-src 'none'; sandbox"
"""Whatever a catcher answers, a browser that is led there shows it as text that can do nothing."""
SEGMENTS = 4
"""Of a path, up to the address."""


class CatchingEndpoint:
    """Behind all of the routes."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def respond(self, req: Request, resp: Response, segments: list[str]) -> None:
        """Falcon's responder. 404 for unknown addresses, which count as attempts of whoever asks; 413, 429."""
        opened = self._site.opened
        if opened.catches is None:
            raise self._nobody(req)
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in req.scope["headers"]]
        with opened.attempts.guess((Of.ADDRESS, self._site.peer(req).counted)):
            raw = await body.read(req, MOST_READ)
            path = "".join(f"/{part}" for part in segments[SEGMENTS:])
            answer = await opened.catches(
                segments[SEGMENTS - 1], req.method, path, req.raw_query, headers, raw
            )
            if answer is None:
                raise self._nobody(req)
        status, content_type, text = answer
        resp.status = status
        resp.set_header("Content-Security-Policy", HARMLESS)
        if text:
            resp.content_type = content_type
            resp.data = text.encode("utf-8", "replace")

    def _nobody(self, req: Request) -> RouteNotFoundError:
        return RouteNotFoundError(req.method, f"{ROOT}/***")


def routes(site: Site) -> Iterator[Route]:
    """One for each length of path. OPTIONS is answered as everywhere."""
    endpoint = CatchingEndpoint(site)
    for depth in range(DEEPEST + 1):
        route = Route(shape(f"{ROOT}/{{address}}" + "/{more}" * depth))
        for verb in falcon.COMBINED_METHODS:
            route.add(verb, endpoint.respond)
        yield route

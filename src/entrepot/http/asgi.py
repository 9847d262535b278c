"""The ASGI application, wired from what is handed in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

import falcon
import falcon.asgi

from entrepot.declare.operation import Operation
from entrepot.declare.registry import Registry
from entrepot.http import catching, errors, mcp, system
from entrepot.http.every_request import EveryRequest, Lifespan
from entrepot.http.exchange import Site
from entrepot.http.peer import Network, peers
from entrepot.http.pipeline import Endpoint
from entrepot.http.request import Request
from entrepot.http.routing import Route, Router, mounted, shape
from entrepot.kernel.clock import Clock, utc_now

App = falcon.asgi.App[Request, falcon.asgi.Response]


def build_app(
    registry: Registry,
    lifespan: Lifespan,
    *,
    portal: Registry | None = None,
    base_url: str,
    clock: Clock = utc_now,
    trusted: tuple[Network, ...] = (),
    metrics_token: str = "",
    resources: Iterable[tuple[str, object]] = (),
    assistants: bool = False,
) -> App:
    """The server as an ASGI callable.

    lifespan: returns an async context manager that yields what it has Opened (backend, authenticator); entered at the
        ASGI start-up event, left at shutdown. Its failure stops the server.
    portal: the operations of the portal, beside those of the API.
    base_url: where clients reach this server, without a trailing slash; for Location headers and tokens.
    trusted: proxies whose X-Forwarded-For is believed.
    metrics_token: opens /metrics; without one they are for this machine alone.
    resources: (path on the host, Falcon ASGI resource) beside the operations, such as the documentation.
    assistants: whether operations are tools at /mcp.
    """
    site = Site(base_url, clock, peers(trusted))
    app: App = falcon.asgi.App(
        request_type=Request,
        router=cast(Any, Router()),
        middleware=[EveryRequest(site, lifespan)],
        independent_middleware=True,
    )
    app.add_error_handler(Exception, errors.render)
    app.add_error_handler(falcon.HTTPError, errors.render)
    for path, resource in (*_system_resources(site, metrics_token), *resources):
        app.add_route(path, resource)
    operations = [each for some in (registry, portal) if some for each in some.operations.values()]
    for route in (*_routes(site, operations), *catching.routes(site)):
        app.add_route(route.template, route)
    if assistants:
        for path, resource in mcp.routes(site, app, registry.operations.values()):
            app.add_route(path, resource)
    return app


def _system_resources(site: Site, metrics_token: str) -> tuple[tuple[str, Any], ...]:
    return (
        ("/", system.Front()),
        ("/healthz", system.Health()),
        ("/readyz", system.Readiness(site)),
        ("/metrics", system.Metrics(metrics_token)),
    )


def _routes(site: Site, operations: Iterable[Operation]) -> Iterable[Route]:
    routes: dict[str, Route] = {}
    for operation in operations:
        path = mounted(operation.path)
        route = routes.setdefault(shape(path), Route(shape(path)))
        route.add(operation.verb, Endpoint(site, operation, path).respond)
    return routes.values()

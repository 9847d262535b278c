"""`GET /v1/openapi/v3`: the document over HTTP, without a token; and `GET /env`, which tells its version (OAPI-1)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from falcon.asgi import Response

from entrepot.declare.registry import Registry
from entrepot.http.encoding import JSON, encode
from entrepot.http.openapi.document import document
from entrepot.http.request import Request

PATH = "/v1/openapi/v3"
ENVIRONMENT_PATH = "/env"


@dataclass(frozen=True, slots=True)
class Edition:
    """One text of the document, and its version."""

    text: bytes
    version: str


class OpenApiDocument:
    """A Falcon resource. The text is made at the first request, beside the event loop, and kept for the life of the
    process.
    """

    def __init__(self, registry: Registry, base_url: str) -> None:
        self._registry = registry
        self._base_url = base_url
        self._made: asyncio.Future[Edition] | None = None

    async def edition(self) -> Edition:
        if self._made is None:
            self._made = asyncio.ensure_future(asyncio.to_thread(self._make))
        return await asyncio.shield(self._made)

    async def on_get(self, req: Request, resp: Response) -> None:
        resp.content_type = JSON
        resp.data = (await self.edition()).text

    def _make(self) -> Edition:
        found = document(self._registry, self._base_url)
        return Edition(encode(found), found["info"]["version"])


class Environment:
    """A Falcon resource: by its BuildNumber applications know whether the document that they keep is still the newest.

    name: of the environment, as webhooks and checkout events name it.
    """

    def __init__(self, described: OpenApiDocument, name: str) -> None:
        self._described = described
        self._name = name

    async def on_get(self, req: Request, resp: Response) -> None:
        version = (await self._described.edition()).version
        resp.content_type = JSON
        resp.data = encode({"BuildNumber": version, "Environment": self._name, "Version": version})


def routes(registry: Registry, base_url: str, environment: str) -> tuple[tuple[str, object], ...]:
    """(path on the host, Falcon resource)"""
    described = OpenApiDocument(registry, base_url)
    return ((PATH, described), (ENVIRONMENT_PATH, Environment(described, environment)))

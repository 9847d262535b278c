"""`GET /v1/openapi/v3`: the document over HTTP, without a token (OAPI-1)."""

from __future__ import annotations

from functools import cached_property

from falcon.asgi import Response

from entrepot.declare.registry import Registry
from entrepot.http.encoding import JSON
from entrepot.http.openapi.document import render
from entrepot.http.request import Request

PATH = "/v1/openapi/v3"


class OpenApiDocument:
    """A Falcon resource. The text is made at the first request and kept for the life of the process."""

    def __init__(self, registry: Registry, base_url: str) -> None:
        self._registry = registry
        self._base_url = base_url

    @cached_property
    def text(self) -> bytes:
        return render(self._registry, self._base_url)

    async def on_get(self, req: Request, resp: Response) -> None:
        resp.content_type = JSON
        resp.data = self.text

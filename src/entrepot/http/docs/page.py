"""The files of the reference page, as routes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from falcon.asgi import Response

from entrepot.http.request import Request

ROOT = "/docs"

OWN = Path(__file__).parent
# The package has no type information.
SWAGGER_UI = Path(str(import_module("swagger_ui_bundle").swagger_ui_path))

FILES = {
    ROOT: OWN / "index.html",
    f"{ROOT}/reference.js": OWN / "reference.js",
    f"{ROOT}/reference.css": OWN / "reference.css",
    f"{ROOT}/swagger-ui-bundle.js": SWAGGER_UI / "swagger-ui-bundle.js",
    f"{ROOT}/swagger-ui.css": SWAGGER_UI / "swagger-ui.css",
    f"{ROOT}/icon.png": SWAGGER_UI / "favicon-32x32.png",
}
"""What is served, by path. Nothing else in the folders is."""

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".png": "image/png",
}


def content_policy(base_url: str) -> str:
    """What the page may load: its own files. Requests that a reader tries out go to the documented server.

    Swagger UI sets style attributes and draws its icons from data: addresses; scripts come from files alone.
    """
    return (
        f"default-src 'self'; connect-src 'self' {base_url}; img-src 'self' data:; "
        "style-src 'self' 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


@dataclass(frozen=True, slots=True)
class File:
    """A Falcon resource: one file of the page, read from the disk each time, for it is seldom asked for."""

    path: Path
    policy: str

    async def on_get(self, req: Request, resp: Response) -> None:
        resp.content_type = TYPES[self.path.suffix]
        resp.set_header("Content-Security-Policy", self.policy)
        if self.path.parent == SWAGGER_UI:
            resp.set_header("Cache-Control", "public, max-age=86400")
        resp.data = await asyncio.to_thread(self.path.read_bytes)


def routes(base_url: str) -> tuple[tuple[str, File], ...]:
    """(path on the host, resource) of everything that the page needs. base_url: where the server is reached."""
    policy = content_policy(base_url)
    return tuple((path, File(file, policy)) for path, file in FILES.items())

"""The pictures of the demo's products: drawings that this server serves, each in any hue."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from falcon.asgi import Response

from entrepot.http.request import Request
from entrepot.kernel.errors import RouteNotFoundError

ROOT = "/demo/pictures"
FOLDER = Path(__file__).with_name("drawings")
HUES = 360


class Pictures:
    """Falcon resource of `/demo/pictures/{name}/{hue}.svg`; 404 for what is no drawing, or no hue from 0 to 359."""

    async def on_get(self, req: Request, resp: Response, name: str, file: str) -> None:
        drawing = drawings().get(name)
        hue, _, kind = file.partition(".")
        if drawing is None or kind != "svg" or not hue.isascii() or not hue.isdecimal() or len(hue) > 3:
            raise RouteNotFoundError(req.method, req.raw_path)
        resp.content_type = "image/svg+xml"
        resp.set_header("Cache-Control", "public, max-age=86400")
        resp.set_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
        resp.data = drawing.replace("{hue}", str(int(hue) % HUES)).encode()


@cache
def drawings() -> dict[str, str]:
    """The drawings by name, each with `{hue}` where its hue goes."""
    return {file.stem: file.read_text("utf-8") for file in FOLDER.glob("*.svg")}


ROUTES: tuple[tuple[str, Pictures], ...] = ((f"{ROOT}/{{name}}/{{file}}", Pictures()),)

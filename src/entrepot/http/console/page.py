"""The files of the console, as routes: packed when they were built, and named by what is in them."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, field
from pathlib import Path

import falcon
from falcon.asgi import Response

from entrepot.http.compression import accepts
from entrepot.http.request import Request

BUILT = Path(__file__).parent / "built"
UNBUILT = Path(__file__).parent / "unbuilt.html"
"""What is shown where nobody has built the console."""
FRONT = "index.html"
ASSETS = "/assets/"
"""Below it, a name changes with what the file holds."""

CODINGS = {"br": ".br", "gzip": ".gz"}
"""Content codings, the better one first, and what the packed file's name ends with."""

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
}

POLICY = {
    "Content-Security-Policy": (
        # Mantine writes style elements; scripts come from files alone.
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
        "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
}
FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"


@dataclass(frozen=True, slots=True)
class File:
    """A Falcon resource: one built file, read from the disk each time, for browsers keep it.

    packed: the file by content coding, in the order of preference.
    """

    path: Path
    caching: str
    packed: dict[str, Path] = field(default_factory=dict)
    digest: str = ""

    async def on_get(self, req: Request, resp: Response) -> None:
        coding = self._coding(req.get_header("Accept-Encoding"))
        tag = f'"{self.digest}{"-" + coding if coding else ""}"'
        # Neither has a page of another origin anything to look for here, nor is it an operation to count.
        req.cross_origin = False
        resp.set_headers({**POLICY, "Cache-Control": self.caching, "ETag": tag, "Vary": "Accept-Encoding"})
        if _is_known(req.get_header("If-None-Match"), tag):
            resp.status = falcon.HTTP_304
            return
        resp.content_type = TYPES[self.path.suffix]
        if coding:
            resp.set_header("Content-Encoding", coding)
        resp.data = await asyncio.to_thread(self.packed.get(coding, self.path).read_bytes)

    def _coding(self, header: str | None) -> str:
        """"" where the file goes as it is."""
        return next((coding for coding in self.packed if accepts(header, coding)), "")


def _is_known(header: str | None, tag: str) -> bool:
    """Whether If-None-Match names the tag (RFC 9110, 13.1.2): then the caller has the file already."""
    if header is None:
        return False
    return header.strip() == "*" or tag in {each.strip().removeprefix("W/") for each in header.split(",")}


def routes(built: Path = BUILT) -> tuple[tuple[str, File], ...]:
    """(path on the host, resource) of the console; of one page that says where to look instead, where it was not built.

    built: the folder that the build has filled.
    """
    if not (built / FRONT).is_file():
        return (("/", _file(UNBUILT, ASK_AGAIN)),)
    return tuple(_routes(built))


def _routes(built: Path) -> list[tuple[str, File]]:
    found = []
    for path in sorted(built.rglob("*")):
        if path.suffix not in TYPES or not path.is_file():
            continue
        at = "/" + path.relative_to(built).as_posix()
        caching = FOR_EVER if at.startswith(ASSETS) else ASK_AGAIN
        found.append(("/" if at == f"/{FRONT}" else at, _file(path, caching)))
    return found


def _file(path: Path, caching: str) -> File:
    beside = {coding: path.with_name(path.name + suffix) for coding, suffix in CODINGS.items()}
    packed = {coding: each for coding, each in beside.items() if each.is_file()}
    return File(path, caching, packed, hashlib.sha256(path.read_bytes()).hexdigest()[:32])

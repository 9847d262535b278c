"""The files of the console, as routes: packed when they were built, and named by what is in them."""

from __future__ import annotations

import asyncio
import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import falcon
from falcon.asgi import Response

from entrepot.http.compression import accepts
from entrepot.http.request import Request
from entrepot.kernel.errors import RouteNotFoundError

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
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,199}")
KEPT = 512
"""Files in memory, each coding one: more than a build has. A server that lives through builds forgets those of former ones."""
FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"


@dataclass(frozen=True, slots=True)
class Files:
    """A Falcon resource: built files of one folder, looked for at each request, for a build may have come meanwhile.

    name: of the only file; without one the path names it, and what names like that hold never changes.
    """

    folder: Path
    name: str = ""

    async def on_get(self, req: Request, resp: Response, name: str = "") -> None:
        """404 for what a build does not make, and for packed files by their own names."""
        # Neither has a page of another origin anything to look for here, nor is it an operation to count.
        req.cross_origin = False
        found = await asyncio.to_thread(
            _found, self.folder, self.name or name, req.get_header("Accept-Encoding")
        )
        if found is None:
            raise RouteNotFoundError(req.method, req.path)
        caching = ASK_AGAIN if self.name else FOR_EVER
        resp.set_headers({**POLICY, "Cache-Control": caching, "ETag": found.tag, "Vary": "Accept-Encoding"})
        if _is_known(req.get_header("If-None-Match"), found.tag):
            resp.status = falcon.HTTP_304
            return
        resp.content_type = found.type
        if found.coding:
            resp.set_header("Content-Encoding", found.coding)
        resp.data = found.content


@dataclass(frozen=True, slots=True)
class Found:
    """A file as it goes out. coding: "" where it goes as it is; tag: one for each coding."""

    content: bytes
    type: str
    coding: str
    tag: str


def _found(folder: Path, name: str, accepted: str | None) -> Found | None:
    """Looks at the disk, and reads what has changed there."""
    content_type = TYPES.get(Path(name).suffix)
    if content_type is None or _NAME.fullmatch(name) is None:
        return None
    path = folder / name
    for coding, suffix in (*CODINGS.items(), ("", "")):
        packed = path.with_name(name + suffix)
        if (not coding or accepts(accepted, coding)) and packed.is_file() and path.is_file():
            state = packed.stat()
            return _read(packed, (state.st_mtime_ns, state.st_size, state.st_ino), content_type, coding)
    return None


@lru_cache(maxsize=KEPT)
def _read(path: Path, _state: tuple[int, int, int], content_type: str, coding: str) -> Found:
    """A file and its tag, once for each state (modified, size, inode) that it is found in."""
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()[:32]
    return Found(content, content_type, coding, f'"{digest}{"-" + coding if coding else ""}"')


def _is_known(header: str | None, tag: str) -> bool:
    """Whether If-None-Match names the tag (RFC 9110, 13.1.2): then the caller has the file already."""
    if header is None:
        return False
    return header.strip() == "*" or tag in {each.strip().removeprefix("W/") for each in header.split(",")}


def routes(built: Path = BUILT) -> tuple[tuple[str, Files], ...]:
    """(path on the host, resource) of the console; of one page that says where to look instead, where it was not built.

    built: the folder that the build has filled.
    """
    if not (built / FRONT).is_file():
        return (("/", Files(UNBUILT.parent, UNBUILT.name)),)
    beside = sorted(path.name for path in built.iterdir() if path.suffix in TYPES and path.is_file())
    return (
        *(("/" if name == FRONT else f"/{name}", Files(built, name)) for name in beside),
        (f"{ASSETS}{{name}}", Files(built / "assets")),
    )

"""Cross-origin requests: browsers use the JavaScript SDK from any origin (HTTP-2).

`*` suffices: callers prove themselves by a header, never by a cookie.
"""

from __future__ import annotations

from falcon.asgi import Response

from entrepot.http.request import Request

EVERYWHERE = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Location, Retry-After, X-Request-ID, Idempotent-Replayed",
}
METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
USUAL_HEADERS = "Authorization, Content-Type"
DAY = "86400"


def answer_preflight(req: Request, resp: Response) -> None:
    """Answer a browser's OPTIONS for any path, so that it gets to see the real answer, 404 included."""
    if req.method != "OPTIONS" or req.get_header("Access-Control-Request-Method") is None:
        return
    requested = req.get_header("Access-Control-Request-Headers") or ""
    extra = [name.strip() for name in requested.split(",") if _is_header_name(name.strip())]
    resp.status = "204 No Content"
    resp.set_headers(
        {
            "Access-Control-Allow-Methods": METHODS,
            "Access-Control-Allow-Headers": ", ".join((USUAL_HEADERS, *extra)),
            "Access-Control-Max-Age": DAY,
            "Vary": "Access-Control-Request-Headers",
        }
    )
    resp.complete = True


def _is_header_name(name: str) -> bool:
    return name.isascii() and name.replace("-", "").replace("_", "").isalnum()

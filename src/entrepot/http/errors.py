"""Refusals as responses: the error envelope (ERR-1), grants (ERR-3), and Falcon's own errors in the same form."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import falcon
import structlog
from falcon.asgi import Response

from entrepot.http.encoding import JSON, encode_safely
from entrepot.http.faults import CUT
from entrepot.http.request import Request
from entrepot.kernel.errors import (
    ApiError,
    ConnectionCutError,
    InvalidBodyError,
    MethodNotAllowedError,
    RouteNotFoundError,
    ServerError,
    TokenGrantError,
)
from entrepot.kernel.money import plain

LONGEST_NUMBER = 30
"""Digits before or after the point that an error spells out."""
log = structlog.get_logger("entrepot.http")


GRANTS_PATHS = frozenset({"/oauth/token", "/api/v1/oauth/token"})
_OAUTH_ERRORS = {429: "temporarily_unavailable", 500: "server_error", 503: "temporarily_unavailable"}
"""RFC 6749's names of refusals that are no matter of the grant, by status; of all others it is invalid_request."""


def envelope(error: ApiError, path: str = "") -> dict[str, Any]:
    """The body of a refusal; OAuth's members are in all of the token endpoint (ERR-3)."""
    body: dict[str, Any] = {}
    if isinstance(error, TokenGrantError):
        body = {"error": error.error, "error_description": error.text}
    elif path.rstrip("/").lower() in GRANTS_PATHS:
        body = {"error": _OAUTH_ERRORS.get(error.status, "invalid_request"), "error_description": error.text}
    body["Errors"] = [
        {"ErrorCode": item.code, "Message": item.message, "Data": _shown(item.data)} for item in error.items()
    ]
    return body


def _shown(data: Any) -> Any:
    """The data with its numbers as bodies show them (BODY-7)."""
    match data:
        case Decimal():
            # A number that a caller made up need not be spelled out.
            return plain(data) if data.is_finite() and abs(data.adjusted()) <= LONGEST_NUMBER else data
        case dict():
            return {name: _shown(value) for name, value in data.items()}
        case list() | tuple():
            return [_shown(value) for value in data]
        case _:
            return data


async def render(req: Request, resp: Response, error: Exception, params: dict[str, Any]) -> None:
    """Falcon's error handler for every exception."""
    refusal = as_refusal(error, req)
    if isinstance(refusal, ConnectionCutError):
        req.scope.setdefault("state", {})[CUT] = True
    req.error = refusal.items()[0].code
    resp.status = refusal.status
    resp.content_type = JSON
    resp.data = encode_safely(envelope(refusal, req.path))
    for name, value in refusal.headers().items():
        resp.set_header(name, value)


def as_refusal(error: Exception, req: Request) -> ApiError:
    """The refusal that an exception means. What nobody foresaw is logged and answered without detail."""
    match error:
        case ApiError():
            return error
        case falcon.HTTPNotFound():
            return RouteNotFoundError(req.method, req.raw_path)
        case falcon.HTTPMethodNotAllowed():
            allowed = dict(error.headers or {}).get("Allow", "")
            return MethodNotAllowedError(req.method, [verb for verb in allowed.split(", ") if verb])
        case falcon.HTTPError() if error.status_code < 500:
            return InvalidBodyError()
        case _:
            log.error(
                "request failed",
                request_id=req.id,
                method=req.method,
                path=req.logged_path,
                operation=req.operation,
                exc_info=error,
            )
            return ServerError()

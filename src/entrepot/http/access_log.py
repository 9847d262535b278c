"""One log line per request, without bodies and tokens."""

from __future__ import annotations

import structlog

from entrepot.http.request import Request

log = structlog.get_logger("entrepot.access")


def write(req: Request, status: int, seconds: float) -> None:
    """Log a request that has been answered."""
    log.info(
        "request",
        method=req.method,
        path=req.path,
        operation=req.operation,
        status=status,
        ms=round(seconds * 1000, 2),
        request_id=req.id,
        marketplace=req.marketplace,
        user=req.user,
    )

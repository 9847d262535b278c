"""One log line per request, without bodies and tokens."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import BinaryIO

import msgspec
import structlog

from entrepot.http.request import Request

log = structlog.get_logger("entrepot.access")


class Line(msgspec.Struct):
    """A line in the form of structlog's other ones."""

    method: str
    path: str
    operation: str
    status: int
    ms: float
    request_id: str
    marketplace: str | None
    user: str | None
    timestamp: datetime
    event: str = "request"
    level: str = "info"


class Output:
    """Where lines go: to structlog, or as JSON straight to `stream`, which costs a quarter of the time."""

    stream: BinaryIO | None = None


OUTPUT = Output()
_encode = msgspec.json.Encoder().encode


def write(req: Request, status: int, seconds: float) -> None:
    """Log a request that has been answered."""
    ms = round(seconds * 1000, 2)
    if OUTPUT.stream is None:
        log.info(
            "request",
            method=req.method,
            path=req.path,
            operation=req.operation,
            status=status,
            ms=ms,
            request_id=req.id,
            marketplace=req.marketplace,
            user=req.user,
        )
        return
    line = Line(
        req.method, req.path, req.operation, status, ms, req.id, req.marketplace, req.user, datetime.now(UTC)
    )
    OUTPUT.stream.write(_encode(line) + b"\n")
    OUTPUT.stream.flush()

"""Structured logs on standard error: lines for people at a terminal, JSON for programs elsewhere."""

import io
import logging
import sys
from typing import Any, TextIO

import msgspec
import structlog
from structlog.typing import EventDict, ExcInfo, Processor

from entrepot.http import access_log
from entrepot.http.request import CURRENT

_LEVELS = logging.getLevelNamesMapping()


def configure_logging(level: str, form: str) -> None:
    """Sends structlog's and the standard library's records to the same place; form is console, json or auto.

    structlog writes by itself: by way of the standard library a line would cost five times as much, and there is one
    per request.
    """
    if form == "auto":
        form = "console" if sys.stderr.isatty() else "json"
    least = _LEVELS[level.upper()]
    shared: list[Processor] = [
        _of_request,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    if form == "console":
        # Tracebacks without local variables: those hold tokens and bodies.
        rendering: list[Processor] = [
            _printable,
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=_traceback),
        ]
        factory: Any = structlog.PrintLoggerFactory(sys.stderr)
    else:
        rendering = [
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(serializer=_json),
        ]
        factory = structlog.BytesLoggerFactory(sys.stderr.buffer)
    structlog.configure(
        processors=[*shared, *rendering],
        logger_factory=factory,
        wrapper_class=structlog.make_filtering_bound_logger(least),
        cache_logger_on_first_use=True,
    )
    # The line of each request goes past structlog where it may.
    access_log.OUTPUT.stream = sys.stderr.buffer if form == "json" and least <= logging.INFO else None
    _configure_standard_library(least, shared, rendering)


def _of_request(_logger: Any, _name: str, event: EventDict) -> EventDict:
    """The request in which something is logged."""
    request = CURRENT.get(None)
    if request is not None:
        event.setdefault("request_id", request.id)
        event.setdefault("operation", request.operation)
    return event


_ESCAPES = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))}
_ESCAPES_BUT_LINES = {code: escape for code, escape in _ESCAPES.items() if code not in (9, 10)}


def _printable(_logger: Any, _name: str, event: EventDict) -> EventDict:
    """Texts without control characters: to a terminal they are commands, and some come from whoever sends a request."""
    for name, value in event.items():
        if isinstance(value, str) and name not in ("exception", "stack"):
            event[name] = value.translate(_ESCAPES)
    return event


def _traceback(lines: TextIO, exception: ExcInfo) -> None:
    whole = io.StringIO()
    structlog.dev.plain_traceback(whole, exception)
    lines.write(whole.getvalue().translate(_ESCAPES_BUT_LINES))


def _json(value: Any, **_: Any) -> bytes:
    return msgspec.json.encode(value, enc_hook=str)


def _configure_standard_library(least: int, shared: list[Processor], rendering: list[Processor]) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *rendering[:-1],
                _text(rendering[-1]),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(least)
    # What the server itself says on start and stop is said by `serve` in its own words.
    for name in ("uvicorn", "alembic", "asyncio", "mcp"):
        logging.getLogger(name).setLevel(max(least, logging.WARNING))
    # The pool tells of each try to reach a database that is away, with a traceback.
    logging.getLogger("asyncpg").setLevel(max(least, logging.ERROR))


def _text(render: Processor) -> Processor:
    def rendered(logger: Any, name: str, event: Any) -> str:
        line = render(logger, name, event)
        return line.decode() if isinstance(line, bytes) else str(line)

    return rendered

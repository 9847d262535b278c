"""The request as the pipeline sees it: Falcon's, with a raw query string and a body that is read on demand."""

from __future__ import annotations

import itertools
import re
import secrets
from contextvars import ContextVar
from time import perf_counter
from typing import Any
from urllib.parse import unquote

from falcon.asgi import Request as FalconRequest

from entrepot.declare.operation import SECRETS_FOLLOW
from entrepot.engine.principal import Principal

_SANE_ID = re.compile(r"[A-Za-z0-9._:/+=@-]{1,128}")
_PROCESS = secrets.token_hex(8)
_numbers = itertools.count(1)


def request_id(sent: str | None) -> str:
    """The caller's `X-Request-ID` if it is sane, else a new one, unique by a random part per process."""
    if sent is not None and _SANE_ID.fullmatch(sent):
        return sent
    return f"{_PROCESS}-{next(_numbers):x}"


class Request(FalconRequest):
    """A Falcon request whose query string stays unparsed: lists have their own grammar for it (FLT-1).

    raw_query: the query string, invalid UTF-8 replaced. receive, first_event: what is left of the ASGI body.
    """

    raw_query: str
    receive: Any
    first_event: dict[str, Any]
    id: str
    """Ties log lines and answer together: `X-Request-ID`."""
    started: float
    """By the performance counter."""
    operation: str
    """Operation id for the log and the metrics; "" where no operation was reached."""
    marketplace: str | None
    user: str | None
    noted_for: Principal | None
    """Whose request it is to the log of a marketplace: the caller, or who was about to log in."""
    error: str | None
    """The code of what it was refused with."""
    secret_segments: tuple[int, ...]
    """Segments of the path that no log may have."""
    cross_origin: bool
    """Whether pages of any origin may read the answer."""
    quiet: bool
    """Left out of the access log: probes."""
    sent: bytes
    """The body, once it has been read."""
    authorization: str | None
    """The header, which tells on the way back, too, whether the answer is for somebody."""

    def __init__(
        self,
        scope: dict[str, Any],
        receive: Any,
        first_event: dict[str, Any] | None = None,
        options: Any = None,
    ) -> None:
        query: bytes = scope["query_string"]
        if query:
            scope = {**scope, "query_string": b""}
            self.raw_query = query.decode("utf-8", "replace")
        else:
            self.raw_query = ""
        self.started = perf_counter()
        super().__init__(scope, receive, first_event=first_event, options=options)
        self.receive = receive
        self.first_event = first_event or {}
        self.id = request_id(self._sent(b"x-request-id"))
        self.authorization = self._sent(b"authorization")
        self.operation = ""
        self.marketplace = None
        self.user = None
        self.noted_for = None
        self.error = None
        self.secret_segments = ()
        self.cross_origin = True
        self.quiet = False
        self.sent = b""

    def _sent(self, name: bytes) -> str | None:
        """As get_header, but cheap where there is none."""
        value = self._asgi_headers.get(name)
        return None if value is None else value.decode("latin-1")

    @property
    def logged_path(self) -> str:
        """The path, with `***` for what is secret in it."""
        if not self.operation:
            return _without_secrets(self.path)
        if not self.secret_segments:
            return self.path
        parts = self.raw_path.split("/")
        return unquote("/".join("***" if i in self.secret_segments else part for i, part in enumerate(parts)))

    @property
    def raw_path(self) -> str:
        """The path as it was sent, percent-encoded and without the query."""
        raw: bytes | None = self.scope.get("raw_path")
        return self.path if raw is None else raw.decode("latin-1").partition("?")[0]


CURRENT: ContextVar[Request] = ContextVar("request")
"""The request that this task serves, once it has reached an operation. For the log."""


def _without_secrets(path: str) -> str:
    """A path that reached no operation, up to where a secret might be."""
    parts = path.split("/")
    for index, part in enumerate(parts[:-1], 1):
        if part.lower() in SECRETS_FOLLOW:
            return "/".join((*parts[:index], "***"))
    return path

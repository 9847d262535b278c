"""An integrator's server: a real one on 127.0.0.1, which records what it is sent and answers as a test has told it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HASH_KEY = "my-secret"


@dataclass(frozen=True)
class Received:
    """A request as it came in."""

    path: str
    headers: dict[str, str]
    """Names in lower case."""
    raw: bytes
    method: str = "POST"

    @property
    def body(self) -> Any:
        return json.loads(self.raw)

    @property
    def is_signed(self) -> bool:
        """Whether X-oc-hash is that of the very bytes (SIG-1)."""
        digest = hmac.new(HASH_KEY.encode(), self.raw, hashlib.sha256).digest()
        return self.headers.get("x-oc-hash") == base64.b64encode(digest).decode()


@dataclass
class Receiver:
    """`answers` by path: a JSON value, bytes, (status, value or bytes), or a function of the request that gives one."""

    url: str
    answers: dict[str, Any] = field(default_factory=dict)
    received: list[Received] = field(default_factory=list)
    location: str | None = None
    """What a redirect names."""
    headers: dict[str, str] = field(default_factory=dict)
    """Further ones of each answer."""
    otherwise: Callable[[Received], Any] = field(default=lambda _: (404, {"error": "unknown"}))
    """What is answered on paths that no answer is told for."""

    def paths(self) -> list[str]:
        return [request.path for request in self.received]

    def answer(self, request: Received) -> tuple[int, bytes]:
        """Status and body of the answer to a request."""
        self.received.append(request)
        told = self.answers.get(request.path, self.otherwise)
        if isinstance(told, Callable):  # type: ignore[arg-type]
            told = told(request)
        status, value = told if isinstance(told, tuple) else (200, told)
        return status, value if isinstance(value, bytes) else json.dumps(value).encode()


class Listening(ThreadingHTTPServer):
    """As a real server it has room for all that connect at once: of the standard library's five the sixth waits, or is refused."""

    request_queue_size = 512
    daemon_threads = True


@contextmanager
def receiving() -> Iterator[Receiver]:
    """The server on a free port, until the block ends."""
    holder: list[Receiver] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def handle_any(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            names = {name.lower(): value for name, value in self.headers.items()}
            status, body = holder[0].answer(Received(self.path, names, raw, self.command))
            self.send_response(status)
            if holder[0].location is not None:
                self.send_header("Location", holder[0].location)
            self.send_header("Set-Cookie", "session=1")
            for name, value in holder[0].headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing is logged."""

    server = Listening(("127.0.0.1", 0), Handler)
    holder.append(Receiver(f"http://127.0.0.1:{server.server_port}"))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield holder[0]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

"""GitHub for tests: a real server on 127.0.0.1 with the three places of it that sign-in takes, as GitHub Enterprise Server has them.

A double by its published protocol, since nobody runs GitHub in a test: /login/oauth/authorize, /login/oauth/access_token (which tells a
wrong code with the status 200), and /user with /user/emails below /api/v3.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.api.receiver import Listening

CLIENT, SECRET = "Iv1.0123456789abcdef", "a-secret-of-github"


@dataclass
class GitHub:
    """`user` and `emails` are whom the next tokens are of. `pages` are answers in place of the usual ones, by path."""

    url: str = ""
    redirect_uri: str = ""
    """The one that is registered."""
    user: dict[str, Any] = field(default_factory=lambda: {"id": 583231, "login": "octocat"})
    emails: list[dict[str, Any]] = field(default_factory=list)
    pages: dict[str, tuple[int, Any]] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)
    _tokens: set[str] = field(default_factory=set)

    def agree(self, location: str) -> str:
        """What GitHub does when somebody agrees at the page of this address: the address that it leads to."""
        query = dict(parse_qsl(urlsplit(location).query))
        assert query["client_id"] == CLIENT
        assert query["redirect_uri"] == self.redirect_uri
        code = f"github-{len(self._codes)}"
        self._codes[code] = query
        return f"{self.redirect_uri}?{urlencode({'code': code, 'state': query['state']})}"

    def answer(self, verb: str, target: str, headers: dict[str, str], body: bytes) -> tuple[int, Any]:
        path = urlsplit(target).path
        self.seen.append(f"{verb} {path}")
        if path in self.pages:
            return self.pages[path]
        if path == "/login/oauth/authorize":
            return 200, _PAGE.format(url=self.agree(target).replace("&", "&amp;")).encode()
        if path == "/login/oauth/access_token" and verb == "POST":
            return 200, self._token(dict(parse_qsl(body.decode())))
        if headers.get("authorization", "").removeprefix("Bearer ") not in self._tokens or not headers.get(
            "user-agent"
        ):
            return 401, {"message": "Bad credentials"}
        return {"/api/v3/user": (200, self.user), "/api/v3/user/emails": (200, self.emails)}[path]

    def _token(self, values: dict[str, str]) -> dict[str, str]:
        asked = self._codes.pop(values.get("code", ""), None)
        if (values.get("client_id"), values.get("client_secret")) != (CLIENT, SECRET):
            return {"error": "incorrect_client_credentials"}
        digest = hashlib.sha256(values.get("code_verifier", "").encode()).digest()
        proof = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if (
            asked is None
            or asked["code_challenge"] != proof
            or asked["redirect_uri"] != values["redirect_uri"]
        ):
            return {"error": "bad_verification_code"}
        token = f"gho_{len(self._tokens)}"
        self._tokens.add(token)
        return {"access_token": token, "token_type": "bearer", "scope": asked["scope"].replace(" ", ",")}


_PAGE = '<!doctype html><title>GitHub</title><h1>Authorize Entrepot</h1><a href="{url}">Authorize</a>'


@contextmanager
def github() -> Iterator[GitHub]:
    """On a free port, until the block ends."""
    place = GitHub()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer("GET", b"")

        def do_POST(self) -> None:
            self._answer("POST", self.rfile.read(int(self.headers.get("Content-Length", 0))))

        def _answer(self, verb: str, body: bytes) -> None:
            names = {name.lower(): value for name, value in self.headers.items()}
            status, value = place.answer(verb, self.path, names, body)
            text = value if isinstance(value, bytes) else json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/html" if isinstance(value, bytes) else "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing is logged."""

    server = Listening(("127.0.0.1", 0), Handler)
    place.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield place
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

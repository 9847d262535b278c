"""An identity provider for tests: a real server on 127.0.0.1 with keys of its own, which says what a test has told it to."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from joserfc import jwk, jwt
from tests.api.receiver import Listening

CLIENT = "entrepot"
SECRET = "a secret of/the+provider"
ACCESS = "idp access&token"


def new_key(kid: str) -> jwk.Key:
    """Of a kind that is made quickly."""
    return jwk.generate_key("EC", "P-256", {"kid": kid, "use": "sig"})


KEY = new_key("one")


@dataclass
class Exchange:
    """A call of the token endpoint."""

    headers: dict[str, str]
    values: dict[str, str]


@dataclass
class IdentityProvider:
    """`claims` go into the next identity tokens, over the usual ones. `pages` are answers in place of the usual ones, by path."""

    url: str
    issuer: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    pages: dict[str, Any] = field(default_factory=dict)
    pkce: bool = True
    key: jwk.Key = field(default_factory=lambda: KEY)
    published: jwk.Key | None = None
    """In place of `key`."""
    header: dict[str, Any] = field(default_factory=lambda: {"alg": "ES256", "kid": "one"})
    edition: int = 0
    """Of what the provider says of itself: of another one nothing is remembered."""
    seen: list[str] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)
    token: Callable[[dict[str, Any]], str] | None = None
    """Makes the identity token of its claims, in place of signing them."""
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def authorization_endpoint(self) -> str:
        return f"{self.url}/realms/a/oauth/auth?edition={self.edition}"

    @property
    def token_endpoint(self) -> str:
        return f"{self.url}/realms/a/oauth/token"

    def reset(self) -> None:
        """As it was, but for another edition."""
        self.claims, self.pages, self.header = {}, {}, {"alg": "ES256", "kid": "one"}
        self.key, self.published, self.token = KEY, None, None
        self.edition += 1

    def code_for(self, location: str) -> tuple[str, str]:
        """What the provider does after somebody has logged in at the address that /ocrplogin led to: code and state."""
        query = dict(parse_qsl(urlsplit(location).query))
        code = f"code-{len(self._codes)}"
        self._codes[code] = query
        return code, query["state"]

    def answer(self, verb: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, Any]:
        self.seen.append(f"{verb} {path}")
        if path in self.pages:
            return self.pages[path] if isinstance(self.pages[path], tuple) else (200, self.pages[path])
        if path == "/realms/a/.well-known/openid-configuration":
            return 200, self.description()
        if path == "/realms/a/keys":
            return 200, {"keys": [(self.published or self.key).as_dict(private=False)]}
        if path == "/realms/a/oauth/token" and verb == "POST":
            return self._exchange(headers, body)
        return 404, {"error": "not_found"}

    def description(self) -> dict[str, Any]:
        methods = {"code_challenge_methods_supported": ["plain", "S256"]} if self.pkce else {}
        return {
            "issuer": self.issuer,
            "authorization_endpoint": self.authorization_endpoint.partition("?")[0],
            "token_endpoint": self.token_endpoint,
            "jwks_uri": f"{self.url}/realms/a/keys?edition={self.edition}",
            **methods,
        }

    def _exchange(self, headers: dict[str, str], body: bytes) -> tuple[int, Any]:
        if headers.get("content-type") == "application/json":
            values = json.loads(body)
            pair = base64.b64decode(headers["authorization"].removeprefix("Basic ")).decode()
            client = pair == f"{CLIENT}:a%20secret%20of%2Fthe%2Bprovider"
        else:
            values = {name: value[0] for name, value in parse_qs(body.decode()).items()}
            client = (values.get("client_id"), values.get("client_secret")) == (CLIENT, SECRET)
        self.exchanges.append(Exchange(headers, values))
        asked = self._codes.pop(values.get("code", ""), None)
        if not client:
            return 401, {"error": "invalid_client"}
        if asked is None or asked["redirect_uri"] != values.get("redirect_uri") or not _proves(asked, values):
            return 400, {"error": "invalid_grant"}
        return 200, {"id_token": self._id_token(asked), "access_token": ACCESS, "token_type": "Bearer"}

    def _id_token(self, asked: dict[str, str]) -> str:
        usual = {
            "iss": self.issuer,
            "aud": asked["client_id"],
            "sub": "Subject-1",
            "nonce": asked["nonce"],
            "iat": 1_000_000_000,
            "exp": 4_000_000_000,
            "email": "ann@example.com",
            "email_verified": True,
        }
        claims = {name: value for name, value in (usual | self.claims).items() if value is not None}
        return self.token(claims) if self.token else jwt.encode(self.header, claims, self.key)


def _proves(asked: dict[str, str], values: dict[str, str]) -> bool:
    """PKCE, S256."""
    if "code_challenge" not in asked:
        return "code_verifier" not in values
    digest = hashlib.sha256(values.get("code_verifier", "").encode()).digest()
    return asked["code_challenge"] == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


@contextmanager
def identity_provider() -> Iterator[IdentityProvider]:
    """The provider on a free port, until the block ends."""
    holder: list[IdentityProvider] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer("GET", b"")

        def do_POST(self) -> None:
            self._answer("POST", self.rfile.read(int(self.headers.get("Content-Length", 0))))

        def _answer(self, verb: str, body: bytes) -> None:
            names = {name.lower(): value for name, value in self.headers.items()}
            status, value = holder[0].answer(verb, urlsplit(self.path).path, names, body)
            text = value if isinstance(value, bytes) else json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing is logged."""

    server = Listening(("127.0.0.1", 0), Handler)
    url = f"http://127.0.0.1:{server.server_port}"
    holder.append(IdentityProvider(url, f"{url}/realms/a"))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield holder[0]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

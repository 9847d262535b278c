"""Where clients learn how to get a token for /mcp: RFC 9728 and RFC 8414, as the protocol's authorization asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from falcon.asgi import Response

from entrepot.domain.identity.api_roles import ApiRole
from entrepot.http.encoding import JSON, encode
from entrepot.http.request import Request

PROTECTED = "/.well-known/oauth-protected-resource"
AUTHORIZATION = "/.well-known/oauth-authorization-server"


@dataclass(frozen=True, slots=True)
class Document:
    """A Falcon resource: JSON that never changes."""

    text: bytes

    async def on_get(self, req: Request, resp: Response) -> None:
        resp.content_type = JSON
        resp.data = self.text


def routes(path: str, base_url: str) -> tuple[tuple[str, Document], ...]:
    """(path on the host, Falcon resource), where /mcp is at `path`."""
    protected = Document(encode(_protected(path, base_url)))
    return (
        (PROTECTED, protected),
        (f"{PROTECTED}{path}", protected),
        (AUTHORIZATION, Document(encode(_authorization(base_url)))),
    )


def challenge(path: str, base_url: str) -> str:
    """Of a 401."""
    return f'Bearer resource_metadata="{base_url}{PROTECTED}{path}"'


def _protected(path: str, base_url: str) -> dict[str, Any]:
    return {
        "resource": f"{base_url}{path}",
        "resource_name": "Entrepot",
        "authorization_servers": [base_url],
        "bearer_methods_supported": ["header"],
        "scopes_supported": [role.value for role in ApiRole],
    }


def _authorization(base_url: str) -> dict[str, Any]:
    """Without an authorization endpoint: there is no grant of this server that a person confirms in a browser."""
    return {
        "issuer": base_url,
        "token_endpoint": f"{base_url}/oauth/token",
        "jwks_uri": f"{base_url}/oauth/certs",
        "grant_types_supported": ["password", "client_credentials", "refresh_token"],
        "response_types_supported": [],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "scopes_supported": [role.value for role in ApiRole],
    }

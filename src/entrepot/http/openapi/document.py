"""The whole document, and its JSON text."""

from __future__ import annotations

import zlib
from typing import Any

from entrepot.declare.registry import Registry
from entrepot.domain.identity.api_roles import ApiRole
from entrepot.http.encoding import encode
from entrepot.http.openapi.metadata import RESPONSES
from entrepot.http.openapi.paths import OAUTH, paths, refusals
from entrepot.http.openapi.schemas import schemas
from entrepot.http.openapi.sections import tags
from entrepot.http.openapi.token_form import TOKEN_PATH
from entrepot.http.routing import API_ROOT

API_VERSION = "1.0.470"
"""The version of the OrderCloud API that the contract describes."""

DESCRIPTION = (
    "The OrderCloud API, served by Entrepot. Log in with `POST {base_url}/oauth/token` and send the access token "
    "as `Authorization: Bearer`. An operation is open to whoever holds any one of the roles listed with it."
)


def document(registry: Registry, base_url: str) -> dict[str, Any]:
    """The OpenAPI 3.0.0 document of all operations (OAPI-1). base_url has no trailing slash and no /v1.

    Raises UnknownTagError for an operation whose tag stands in no section, AmbiguousNameError for two models of one
    name.
    """
    operations = list(registry.operations.values())
    shared = {name for operation in operations for name in refusals(operation).values()}
    found: dict[str, Any] = {
        "openapi": "3.0.0",
        "info": {
            "title": "OrderCloud",
            "description": DESCRIPTION.format(base_url=base_url),
            "contact": {"name": "Entrepot", "url": base_url},
        },
        "servers": [{"url": f"{base_url}{API_ROOT}", "description": "This server"}],
        "tags": tags(operation.tag for operation in operations),
        "paths": paths(operations, base_url),
        "components": {
            "securitySchemes": {OAUTH: _security_scheme(base_url)},
            "responses": {name: RESPONSES[name] for name in RESPONSES if name in shared},
            "schemas": schemas(operations),
        },
    }
    found["info"]["version"] = f"{API_VERSION}.{_build(found, base_url)}"
    return found


def render(registry: Registry, base_url: str) -> bytes:
    """The document as JSON text."""
    return encode(document(registry, base_url))


def _build(found: dict[str, Any], base_url: str) -> int:
    """The version's fourth part, 16 bits: another one where anything in the document is different, but for its host.
    Applications keep the document for as long as its version stays the same.
    """
    return zlib.crc32(encode(found).replace(base_url.encode(), b"")) & 0xFFFF


def _security_scheme(base_url: str) -> dict[str, Any]:
    """Both grants that a person or a program can start with (OAPI-3)."""
    flow = {"tokenUrl": f"{base_url}{TOKEN_PATH}", "scopes": {role.value: "" for role in ApiRole}}
    return {"type": "oauth2", "flows": {"password": flow, "clientCredentials": dict(flow)}}

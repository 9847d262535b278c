"""Operations by path and verb (OAPI-3 to OAPI-5)."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from entrepot.declare.operation import Body, Operation, Returns
from entrepot.http.files import BYTES
from entrepot.http.openapi.metadata import Schema, reference
from entrepot.http.openapi.parameters import parameters
from entrepot.http.openapi.token_form import TOKEN_FORM, TOKEN_PATH
from entrepot.http.routing import at_host_root
from entrepot.kernel.errors import TokenGrantError

FILE: Schema = {"type": "string", "format": "binary"}
OAUTH = "OAuth2"
"""The name of the security scheme."""


def paths(operations: Iterable[Operation], base_url: str) -> dict[str, Any]:
    """The path items, of verbs alone: whoever walks them takes each key for one (OAPI-1). Operations at the host root
    (AUTH-1, and the server's own) name another server, without /v1.
    """
    found: dict[str, dict[str, Any]] = {}
    for operation in operations:
        verbs = found.setdefault(operation.path, {})
        verbs[operation.verb.lower()] = described = operation_object(operation)
        if at_host_root(operation.path) or operation.is_own:
            described["servers"] = [{"url": base_url, "description": "The host root"}]
    return found


def operation_object(operation: Operation) -> dict[str, Any]:
    found: dict[str, Any] = {"tags": [operation.tag], "summary": operation.summary}
    if operation.description:
        found["description"] = operation.description
    found["operationId"] = operation.id
    if listed := parameters(operation):
        found["parameters"] = listed
    if operation.body is not None:
        found["requestBody"] = _request_body(operation.body)
    elif operation.takes_file:
        found["requestBody"] = {"required": True, "content": {BYTES: {"schema": FILE}}}
    elif operation.path == TOKEN_PATH:
        found["requestBody"] = TOKEN_FORM
    # The success comes first: some tools read the first answer alone.
    found["responses"] = {str(operation.status): _response(operation)}
    for status, shared in refusals(operation).items():
        found["responses"][status] = {"$ref": f"#/components/responses/{shared}"}
    found["security"] = [] if operation.public else [{OAUTH: list(operation.roles)}]
    return found


def _request_body(body: Body) -> dict[str, Any]:
    """Required properties are named here and not in the model, which a patch shares (OAPI-4)."""
    schema: Schema = {"type": "object", "allOf": [reference(body.model.__name__)]}
    required = [column.name for column in body.model.__columns__.values() if column.required]
    if required and not body.partial:
        schema["required"] = required
    return {"required": body.required, "content": {"application/json": {"schema": schema}}}


def _response(operation: Operation) -> dict[str, Any]:
    found: dict[str, Any] = {"description": HTTPStatus(operation.status).phrase}
    if operation.for_browsers:
        found["headers"] = {"Location": {"schema": {"type": "string"}}}
    if operation.gives_file:
        found["content"] = {BYTES: {"schema": FILE}}
    if operation.returns is not None:
        facets = operation.lists is not None and operation.lists.facets
        media = "text/event-stream" if operation.streams else "application/json"
        found["content"] = {media: {"schema": _returned(operation.returns, facets)}}
    return found


def refusals(operation: Operation) -> dict[str, str]:
    """Status -> the shared answer."""
    granting = any(issubclass(error, TokenGrantError) for error in operation.errors)
    if operation.for_browsers:
        return {"4XX": "PageRefused"}
    return {"4XX": "GrantRefused" if granting else "Refused"}


def _returned(returns: Returns, facets: bool) -> Schema:
    """Generators know lists by this inline shape (OAPI-5)."""
    model = reference(returns.model.__name__)
    if not returns.page:
        return model
    return {
        "type": "object",
        "properties": {
            "Items": {"type": "array", "items": model},
            "Meta": reference("MetaWithFacets" if facets else "Meta"),
        },
    }

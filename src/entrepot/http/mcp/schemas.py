"""JSON Schema 2020-12 of what operations take and answer, from the OpenAPI document's parts, each with the definitions it needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from entrepot.declare.operation import Operation
from entrepot.http.openapi.paths import operation_object
from entrepot.http.openapi.schemas import schemas

Schema = dict[str, Any]

_KEPT = (
    "type", "enum", "minimum", "maximum", "minLength", "maxLength", "default", "required", "description", "readOnly",
)  # fmt: skip
_DATES = "date-time"


def parameters(operation: Operation, place: str) -> Schema:
    """An object of all parameters in `path` or in `query`."""
    found = [each for each in operation_object(operation).get("parameters", ()) if each["in"] == place]
    schema: Schema = {
        "type": "object",
        "properties": {each["name"]: _parameter(each) for each in found},
        "additionalProperties": False,
    }
    if required := [each["name"] for each in found if each.get("required")]:
        schema["required"] = required
    return _whole(schema, operation)


def body(operation: Operation) -> Schema | None:
    """Of the JSON body, without what only the server writes."""
    if operation.body is None:
        return None
    return _whole(_content(operation_object(operation)["requestBody"]), operation, writing=True)


def answer(operation: Operation) -> Schema | None:
    """Of the JSON that a success answers."""
    described = operation_object(operation)["responses"][str(operation.status)]
    return _whole(_content(described), operation) if "content" in described else None


def model(known: Mapping[str, Schema], name: str) -> Schema:
    """Of a model or an enumeration, by its name. known: the document's schemas."""
    return _with_definitions(translated(known[name]), known, writing=False)


def translated(schema: Mapping[str, Any], *, writing: bool = False) -> Schema:
    """A schema of OpenAPI 3.0 as JSON Schema. writing: for whoever sends it."""
    if "$ref" in schema:
        return {"$ref": f"#/$defs/{schema['$ref'].rpartition('/')[2]}"}
    found: Schema = {keyword: schema[keyword] for keyword in _KEPT if keyword in schema}
    if schema.get("format") == _DATES:
        found["format"] = _DATES
    if "items" in schema:
        found["items"] = translated(schema["items"], writing=writing)
    if "properties" in schema:
        found["properties"] = {
            name: translated(each, writing=writing)
            for name, each in schema["properties"].items()
            if not (writing and each.get("readOnly"))
        }
    parts = [translated(part, writing=writing) for part in schema.get("allOf", ())]
    if not schema.get("nullable"):
        return found | {"allOf": parts} if parts else found
    if parts:
        # A reference says nothing about null itself.
        del found["type"]
        return found | {"anyOf": [*parts, {"type": "null"}]}
    if "type" in found:
        found["type"] = [found["type"], "null"]
    return found


def _parameter(described: Mapping[str, Any]) -> Schema:
    found = translated(described["schema"])
    if "description" in described:
        found["description"] = described["description"]
    return found


def _content(described: Mapping[str, Any]) -> Mapping[str, Any]:
    content: Mapping[str, Any] = described["content"]["application/json"]["schema"]
    return content


def _whole(schema: Mapping[str, Any], operation: Operation, *, writing: bool = False) -> Schema:
    found = dict(schema) if "additionalProperties" in schema else translated(schema, writing=writing)
    return _with_definitions(found, schemas([operation]), writing=writing)


def _with_definitions(schema: Schema, known: Mapping[str, Schema], *, writing: bool) -> Schema:
    needed: dict[str, Schema] = {}
    waiting = list(_names(schema))
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed[name] = translated(known[name], writing=writing)
            waiting.extend(_names(needed[name]))
    return {**schema, "$defs": needed} if needed else schema


def _names(part: Any) -> Iterator[str]:
    """Of the definitions that a schema refers to."""
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"].rpartition("/")[2]
        for value in part.values():
            yield from _names(value)
    elif isinstance(part, list):
        for value in part:
            yield from _names(value)

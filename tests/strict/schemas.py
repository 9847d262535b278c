"""The schemas of the OpenAPI document as JSON Schema 2020-12, a little stricter than OpenAPI 3.0 can say it:

a property that the document does not name is refused, and so is null where a bare reference stands.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]

KEPT = ("$ref", "type", "enum", "format", "minimum", "maximum", "minLength", "maxLength")


def definitions(document: dict[str, Any]) -> dict[str, Schema]:
    """The components: models closed and without a word on null, which is for their places to say."""
    return {name: _definition(schema) for name, schema in document["components"]["schemas"].items()}


def translated(schema: Schema) -> Schema:
    """A schema in a place, references included."""
    found: Schema = {keyword: schema[keyword] for keyword in KEPT if keyword in schema}
    if "items" in schema:
        found["items"] = translated(schema["items"])
    if "properties" in schema:
        found |= _closed(schema["properties"])
    nullable = schema.get("nullable", False)
    if nullable:
        found["type"] = [schema["type"], "null"]
    if "allOf" in schema:
        parts = [translated(part) for part in schema["allOf"]]
        found |= {"if": {"type": "object"}, "then": {"allOf": parts}} if nullable else {"allOf": parts}
    return found


def with_definitions(schema: Schema, known: dict[str, Schema]) -> Schema:
    """The schema as a document of its own: with as many definitions as it needs."""
    needed: dict[str, Schema] = {}
    waiting = set(_references(schema))
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed[name] = known[name]
            waiting.update(_references(known[name]))
    return {**schema, "components": {"schemas": needed}}


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"].rpartition("/")[2]
        for value in part.values():
            yield from _references(value)
    elif isinstance(part, list):
        for value in part:
            yield from _references(value)


def _definition(schema: Schema) -> Schema:
    if "properties" not in schema:
        return translated(schema)
    return {**_closed(schema["properties"]), "type": "object"}


def _closed(properties: dict[str, Schema]) -> Schema:
    return {
        "properties": {name: translated(schema) for name, schema in properties.items()},
        "additionalProperties": False,
    }

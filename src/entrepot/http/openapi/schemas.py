"""Schemas of models, enumerations and list metadata (OAPI-6)."""

from __future__ import annotations

import enum
import inspect
from collections.abc import Collection

from entrepot.declare.operation import Operation
from entrepot.declare.types import WireKind, WireType
from entrepot.declare.wire import Column, Wire
from entrepot.domain.listing.request import SearchType
from entrepot.http.openapi.examples import example
from entrepot.http.openapi.metadata import ERROR, ERRORS, FACET_SCHEMAS, META, Schema, reference
from entrepot.http.openapi.places import Places

_PRIMITIVES: dict[WireKind, Schema] = {
    "id": {"type": "string"},
    "string": {"type": "string"},
    "password": {"type": "string", "format": "password"},
    "integer": {"type": "integer", "format": "int32"},
    "decimal": {"type": "number", "format": "float"},
    "boolean": {"type": "boolean"},
    "datetime": {"type": "string", "format": "date-time"},
    "xp": {"type": "object"},
}


def type_schema(wire: WireType) -> Schema:
    """The schema of a value; models and enumerations by reference."""
    if wire.item is not None:
        return {"type": "array", "items": type_schema(wire.item)}
    named = wire.enum or wire.model
    if named is not None:
        return reference(named.__name__)
    return dict(_PRIMITIVES[wire.kind])


def property_schema(column: Column) -> Schema:
    """A property of a model: an enumeration as a bare reference, which suffers nothing beside it, an object as `allOf` of
    one.
    """
    schema = type_schema(column.type)
    if column.type.enum is not None:
        return schema
    if column.type.model is not None:
        schema = {"type": "object", "allOf": [schema]}
    if column.description:
        schema["description"] = column.description
    if column.read_only:
        schema["readOnly"] = True
    if column.may_be_null:
        schema["nullable"] = True
    limits = {
        "minLength": column.min_length,
        "maxLength": column.max_length,
        "minimum": column.minimum,
        "maximum": column.maximum,
        "default": column.default,
    }
    schema.update({name: value for name, value in limits.items() if value is not None})
    return schema


def model_schema(model: type[Wire], places: Places) -> Schema:
    """A model that may be null in some places leaves its type to the places, so that it is still an object for whoever
    generates code from it. Forms need the type, though: a model says itself that it may be null where that is all that
    it is and nothing in it is free (openapi-python-client cannot read a free object within what may be null).
    """
    schema: Schema = {"type": "object"}
    if model in places.nullable:
        free = any(column.type.kind == "xp" for column in model.__columns__.values())
        schema = {} if free or model in places.bare else {"type": "object", "nullable": True}
    if description := model.summary():
        schema["description"] = description
    if model in places.bodies:
        schema["example"] = example(model)
    schema["properties"] = {column.name: property_schema(column) for column in model.__columns__.values()}
    if model.is_closed:
        schema["additionalProperties"] = False
    return schema


def enum_schema(members: type[enum.Enum], places: Places) -> Schema:
    schema: Schema = {"type": "string", "enum": [member.value for member in members]}
    if members.__doc__:
        schema["description"] = inspect.cleandoc(members.__doc__).split("\n\n")[0].replace("\n", " ")
    if members in places.nullable:
        schema["nullable"] = True
        schema["enum"].append(None)
    if members not in places.written:
        schema["readOnly"] = True
    return schema


def schemas(operations: Collection[Operation]) -> dict[str, Schema]:
    """Every schema that the operations refer to, by name in alphabetical order."""
    places = Places.of(operations)
    found: dict[str, Schema] = {"Error": ERROR, "Errors": ERRORS}
    for operation in operations:
        if operation.returns is not None and operation.returns.page:
            found["Meta"] = META
            if operation.lists is not None and operation.lists.facets:
                found |= FACET_SCHEMAS
        if operation.lists is not None and operation.lists.premium:
            places.named.setdefault(SearchType.__name__, SearchType)
            places.written.add(SearchType)
    for name, kind in places.named.items():
        found[name] = model_schema(kind, places) if issubclass(kind, Wire) else enum_schema(kind, places)
    return dict(sorted(found.items()))

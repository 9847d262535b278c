"""Schemas of models, enumerations and list metadata (OAPI-6)."""

from __future__ import annotations

import enum
import inspect
from collections.abc import Iterable, Iterator
from typing import Any

from entrepot.declare.operation import Operation
from entrepot.declare.types import Kind, WireType
from entrepot.declare.wire import Column, Wire
from entrepot.domain.listing.request import SearchType
from entrepot.http.openapi.examples import example

Schema = dict[str, Any]

_PRIMITIVES: dict[Kind, Schema] = {
    "id": {"type": "string"},
    "string": {"type": "string"},
    "password": {"type": "string", "format": "password"},
    "integer": {"type": "integer", "format": "int32"},
    "decimal": {"type": "number", "format": "float"},
    "boolean": {"type": "boolean"},
    "datetime": {"type": "string", "format": "date-time"},
    "xp": {"type": "object"},
}


class AmbiguousNameError(Exception):
    """Two models or enumerations want the same name on the wire."""


def reference(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def type_schema(wire: WireType) -> Schema:
    """The schema of a value; models and enumerations by reference."""
    if wire.item is not None:
        return {"type": "array", "items": type_schema(wire.item)}
    named = wire.enum or wire.model
    if named is not None:
        return reference(named.__name__)
    return dict(_PRIMITIVES[wire.kind])


def may_be_null(column: Column) -> bool:
    """Whether responses may show null: all that has no value of its own when nothing is set (CONV-2, BODY-3), and
    secrets, which are never shown (AUTH-61).
    """
    return column.nullable or column.write_only or (column.empty is None and not column.required)


def property_schema(column: Column) -> Schema:
    """A property of a model. A keyword beside `$ref` would be ignored, so references stand in allOf."""
    schema = type_schema(column.type)
    if "$ref" in schema:
        schema = {"allOf": [schema]}
    limits = {
        "description": column.description,
        "readOnly": column.read_only,
        "nullable": may_be_null(column),
        "minLength": column.min_length,
        "maxLength": column.max_length,
        "minimum": column.minimum,
        "maximum": column.maximum,
        "default": column.default,
    }
    schema.update({name: value for name, value in limits.items() if value is not None})
    for flag in ("readOnly", "nullable"):
        if not schema[flag]:
            del schema[flag]
    if not column.description:
        del schema["description"]
    return schema


def model_schema(model: type[Wire]) -> Schema:
    schema: Schema = {"type": "object"}
    if description := model.summary():
        schema["description"] = description
    schema["example"] = example(model)
    schema["properties"] = {column.name: property_schema(column) for column in model.__columns__.values()}
    return schema


def enum_schema(members: type[enum.Enum]) -> Schema:
    schema: Schema = {"type": "string", "enum": [member.value for member in members]}
    if members.__doc__:
        schema["description"] = inspect.cleandoc(members.__doc__).split("\n\n")[0].replace("\n", " ")
    return schema


def schemas(operations: Iterable[Operation]) -> dict[str, Schema]:
    """Every schema that the operations refer to, by name in alphabetical order."""
    named: dict[str, type[Any]] = {}
    found: dict[str, Schema] = {}
    for operation in operations:
        for wire in _types_of(operation):
            _collect(wire, named)
        if operation.returns is not None and operation.returns.page:
            found["Meta"] = META
            if operation.lists is not None and operation.lists.facets:
                found |= FACET_SCHEMAS
        if operation.lists is not None and operation.lists.premium:
            found[SearchType.__name__] = enum_schema(SearchType)
    for name, kind in named.items():
        found[name] = model_schema(kind) if issubclass(kind, Wire) else enum_schema(kind)
    return dict(sorted(found.items()))


def _types_of(operation: Operation) -> Iterator[WireType]:
    for part in (operation.body, operation.returns):
        if part is not None:
            yield WireType("object", model=part.model)
    for parameter in operation.query:
        yield parameter.type


def _collect(wire: WireType, named: dict[str, type[Any]]) -> None:
    if wire.item is not None:
        _collect(wire.item, named)
    kind = wire.enum or wire.model
    if kind is None:
        return
    if kind.__name__ in named:
        if named[kind.__name__] is not kind:
            raise AmbiguousNameError(f"{kind.__name__} is declared twice")
        return
    named[kind.__name__] = kind
    if wire.model is not None:
        for column in wire.model.__columns__.values():
            _collect(column.type, named)


_COUNT: Schema = {"type": "integer", "format": "int32"}

META: Schema = {
    "type": "object",
    "description": "Where a page stands in its list.",
    "example": {
        "Page": 1,
        "PageSize": 20,
        "TotalCount": 25,
        "TotalPages": 2,
        "ItemRange": [1, 20],
        "NextPageKey": None,
    },
    "properties": {
        "Page": {**_COUNT, "description": "Number of the page, from 1."},
        "PageSize": {**_COUNT, "description": "Items that a full page has."},
        "TotalCount": {**_COUNT, "description": "Items on all pages together."},
        "TotalPages": {**_COUNT, "description": "Number of pages, 0 if nothing was found."},
        "ItemRange": {
            "type": "array",
            "description": "Positions of the first and the last item of the page, from 1.",
            "items": dict(_COUNT),
        },
        "NextPageKey": {
            "type": "string",
            "nullable": True,
            "description": "Value of pageKey for the next page, where the list supports it.",
        },
    },
}

FACET_SCHEMAS: dict[str, Schema] = {
    "MetaWithFacets": {
        **META,
        "example": {**META["example"], "Facets": []},
        "properties": {
            **META["properties"],
            "Facets": {
                "type": "array",
                "description": "Counts of the values of faceted extended properties.",
                "items": reference("ListFacet"),
            },
        },
    },
    "ListFacet": {
        "type": "object",
        "description": "A faceted extended property with the values that occur.",
        "example": {
            "Name": "Color",
            "XpPath": "Facets.Color",
            "Values": [{"Value": "red", "Count": 3}],
            "xp": {},
        },
        "properties": {
            "Name": {"type": "string", "description": "Name of the facet."},
            "XpPath": {"type": "string", "description": "Path of the property, without `xp.`"},
            "Values": {"type": "array", "items": reference("ListFacetValue")},
            "xp": {"type": "object", "nullable": True, "description": "Extended properties of the facet."},
        },
    },
    "ListFacetValue": {
        "type": "object",
        "description": "One value of a facet.",
        "example": {"Value": "red", "Count": 3},
        "properties": {
            "Value": {"type": "string"},
            "Count": {**_COUNT, "description": "Number of items that have the value."},
        },
    },
}

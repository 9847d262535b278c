"""Path and query parameters (OAPI-4, OAPI-5)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from entrepot.declare.operation import HeaderParameter, ListOptions, Operation
from entrepot.declare.types import WireType
from entrepot.domain.listing.request import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE, SearchType
from entrepot.http.openapi.metadata import Schema, reference
from entrepot.http.openapi.places import ENUMERATED_PATHS
from entrepot.http.openapi.schemas import type_schema

Parameter = dict[str, Any]


def parameters(operation: Operation) -> list[Parameter]:
    """All parameters: path, declared query parameters, list options."""
    return [
        *(_path(name) for name in operation.path_parameters),
        *_declared(operation),
        *(_header(each) for each in operation.headers),
        *(() if operation.lists is None else _list_options(operation.lists)),
    ]


def _path(name: str) -> Parameter:
    enumeration = ENUMERATED_PATHS.get(name)
    return {
        "name": name,
        "in": "path",
        "description": _path_description(name),
        "required": True,
        "schema": type_schema(WireType("enum", enum=enumeration)) if enumeration else {"type": "string"},
    }


def _path_description(name: str) -> str:
    """`supplierUserID` -> `ID of the supplier user.`"""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name.removesuffix("ID")).lower()
    if name.endswith("ID"):
        return f"ID of the {words}." if words else "ID of the object."
    return f"{words[0].upper()}{words[1:]} of the object."


def _declared(operation: Operation) -> Iterator[Parameter]:
    for parameter in operation.query:
        found = _query(parameter.name, parameter.description, type_schema(parameter.type))
        if parameter.required:
            found["required"] = True
        yield found


def _header(parameter: HeaderParameter) -> Parameter:
    return {
        "name": parameter.name,
        "in": "header",
        "description": parameter.description,
        "required": parameter.required,
        "schema": {"type": "string"},
    }


def _query(name: str, description: str, schema: Schema) -> Parameter:
    found: Parameter = {"name": name, "in": "query"}
    if description:
        found["description"] = description
    found["schema"] = schema
    return found


def _list_options(lists: ListOptions) -> Iterator[Parameter]:
    if lists.search is None or lists.search:
        yield _query("search", "Word or phrase to search for.", {"type": "string"})
        yield _comma_delimited(
            "searchOn", "Properties to search, all searchable ones if absent.", lists.search
        )
        if lists.premium:
            yield _query("searchType", "How the words of the search combine.", reference(SearchType.__name__))
    if lists.sort is None or lists.sort:
        names = None if lists.sort is None else (*lists.sort, *(f"!{name}" for name in lists.sort))
        yield _comma_delimited(
            "sortBy", "Properties to sort by, in order; `!` before a name sorts down.", names
        )
    yield _query(
        "page",
        "Page of the results, from 1.",
        {"type": "integer", "format": "int32", "minimum": 1, "default": 1},
    )
    yield _query(
        "pageSize",
        f"Items on a page, at most {MAX_PAGE_SIZE}.",
        {
            "type": "integer",
            "format": "int32",
            "minimum": 1,
            "maximum": MAX_PAGE_SIZE,
            "default": DEFAULT_PAGE_SIZE,
        },
    )
    if not lists.bare:
        yield _filters()


def _comma_delimited(name: str, description: str, names: tuple[str, ...] | None) -> Parameter:
    """An array in one parameter, `a,b`. `names` None: any name."""
    items: Schema = {"type": "string"} if names is None else {"type": "string", "enum": list(names)}
    return {
        **_query(name, f"{description} Comma-delimited.", {"type": "array", "items": items}),
        "style": "form",
        "explode": False,
    }


def _filters() -> Parameter:
    """Every other query parameter filters by the property that it names: form and explode, the defaults."""
    return {
        **_query(
            "filters",
            "Filters by properties, each a parameter of its own: `LastName=Smith*`, `xp.Color=!red|blue`, "
            "`DateCreated=>2024-01-01`.",
            {"type": "object"},
        ),
        "style": "form",
        "explode": True,
    }

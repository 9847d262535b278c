"""A registry made from the contract: what a server without any gap would declare.

It stands in for one where the whole contract matters (the comparison itself, the OpenAPI document, Postman's
converter) long before the whole contract is built.
"""

from __future__ import annotations

import enum
import json
import re
import types
from functools import cache
from typing import Annotated, Any, cast

from tests.conformance.contract_data import (
    NAMED_ONLY,
    field_type,
    limits,
    load,
    operations,
    required_fields,
    returned,
    success_status,
)

from entrepot.declare.operation import Body, ListOptions, Operation, QueryParameter, Reply, Returns
from entrepot.declare.registry import Registry
from entrepot.declare.types import WireKind, WireType
from entrepot.declare.wire import Wire, column
from entrepot.kernel.user_types import UserType

OPTIONS = frozenset({"search", "searchOn", "searchType", "sortBy", "page", "pageSize", "filters"})
_KINDS: dict[str, WireKind] = {
    "string": "string",
    "int": "integer",
    "decimal": "decimal",
    "bool": "boolean",
    "datetime": "datetime",
    "xp": "xp",
    "number": "integer",
    "boolean": "boolean",
}
_ALIASES = {"'Group' | 'Company'": "PartyType"}


def contract_registry() -> Registry:
    registry = Registry()
    registry.add_operations(_operation(entry) for entry in operations().values())
    return registry


def spaced(name: str) -> str:
    """`XpIndices` -> `Xp Indices`, the tag of a resource."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)


async def _nothing(_: Any) -> Reply:
    return Reply()


def _operation(entry: dict[str, Any]) -> Operation:
    query = entry.get("query", {})
    body = entry.get("body")
    model, page = returned(entry)
    resource, _, method = entry["id"].partition(".")
    return Operation(
        id=entry["id"],
        verb=entry["verb"],
        path=entry["path"],
        tag=spaced(resource),
        summary=f"{spaced(method)} of {spaced(resource)}",
        handler=_nothing,
        source="contract:1",
        arguments=tuple(entry.get("path_params", ())),
        status=success_status(entry),
        roles=tuple(entry["roles"]),
        user_types=frozenset({UserType.BUYER}) if entry.get("only") == "Buyer" else frozenset(UserType),
        query=tuple(
            QueryParameter(name, wire_type(kind)) for name, kind in query.items() if name not in OPTIONS
        ),
        lists=_lists(entry["id"], query, page) if page or "page" in query else None,
        body=body and Body(wire_model(body["model"]), partial=body["partial"]),
        returns=Returns(wire_model(model), page=page is not None) if model else None,
    )


def _lists(operation_id: str, query: dict[str, str], page: str | None) -> ListOptions:
    return ListOptions(
        search=_names("searchable", operation_id) if "searchOn" in query else (),
        sort=_names("sortable", operation_id) if "sortBy" in query else (),
        bare="filters" not in query,
        premium="searchType" in query,
        facets=page == "ListPageWithFacets",
    )


def _names(table: str, operation_id: str) -> tuple[str, ...] | None:
    names = load(table).get(operation_id, ["ID"])
    return None if names is None else tuple(name for name in names if not name.startswith("!"))


def wire_type(text: str) -> WireType:
    """The type that a contract type describes; TypeScript generics are free JSON."""
    text = _ALIASES.get(text, text)
    if text.startswith("list["):
        return WireType("list", item=wire_type(text[5:-1]))
    if text in load("enums"):
        return WireType("enum", enum=wire_enum(text))
    if text in load("models") or text in NAMED_ONLY:
        return WireType("object", model=wire_model(text))
    return WireType(_KINDS.get(text, "xp"))


@cache
def wire_enum(name: str) -> type[enum.StrEnum]:
    found = types.new_class(name, (enum.StrEnum,), exec_body=lambda body: _fill(body, load("enums")[name]))
    return cast("type[enum.StrEnum]", found)


def _fill(body: dict[str, Any], values: list[str]) -> None:
    for value in values:
        body[value] = value  # noqa: PERF403  (the namespace of an enumeration sees assignments only)


_models: dict[str, type[Wire]] = {}


def new_model(name: str, body: dict[str, Any] | None = None) -> type[Wire]:
    """A model class of this name."""
    return types.new_class(name, (Wire,), exec_body=lambda namespace: namespace.update(body or {}))


def wire_model(name: str) -> type[Wire]:
    """The model of this name. Models may hold one another, so a class exists before its columns."""
    if name not in _models:
        _models[name] = model = new_model(name)
        model.__doc__ = f"{name} of the contract."
        if name not in NAMED_ONLY:
            model.__columns__ = new_model(f"{name}Columns", _columns(name)).__columns__
    return _models[name]


def _columns(name: str) -> dict[str, Any]:
    annotations: dict[str, Any] = {}
    columns: dict[str, Any] = {"__annotations__": annotations}
    for field, entry in load("models")[name]["fields"].items():
        low, high = limits(entry)
        annotations[field] = Annotated[object, wire_type(field_type(entry))]
        columns[field] = column(
            required=field in required_fields(name),
            read_only=entry.get("readOnly", False),
            write_only=entry.get("writeOnly", False),
            nullable=entry.get("nullable", False),
            default=json.loads(entry.get("default", "null")),
            max=entry.get("maxLength"),
            min=entry.get("minLength"),
            minimum=low,
            maximum=high,
        )
    return columns

"""What the contract and a registry say, as flat facts that can be compared one by one.

A fact has a key such as `Buyers.List roles` or `Buyer.Name maxLength`, and a value of JSON types.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.conformance.contract_data import (
    NAMED_ONLY,
    field_type,
    limits,
    load,
    operations,
    required_fields,
    returned,
    success_status,
    tells_types_only,
)

from entrepot.declare.operation import ListOptions, Operation
from entrepot.declare.registry import Registry
from entrepot.declare.types import WireType
from entrepot.declare.wire import Column, Wire
from entrepot.http.routing import at_host_root
from entrepot.kernel.user_types import UserType

Facts = dict[str, Any]

_CONTRACT_NAMES = {
    "id": "string",
    "string": "string",
    "password": "string",
    "integer": "int",
    "decimal": "decimal",
    "boolean": "bool",
    "datetime": "datetime",
    "xp": "xp",
}
_QUERY_NAMES = {"int": "number", "decimal": "number", "bool": "boolean", "datetime": "string"}
"""Types of query parameters are those of the JavaScript SDK, coarser than the models'."""
_QUERY_ALIASES = {"'Group' | 'Company'": "PartyType"}


def differences(registry: Registry) -> dict[str, tuple[Any, Any]]:
    """Fact -> (contract, server), for every built operation and every model that one reaches."""
    built = [each for each in registry.operations.values() if not (at_host_root(each.path) or each.is_own)]
    contract = contract_facts({operation.id for operation in built}, reachable(built))
    server = registry_facts(built)
    return {
        key: (contract.get(key), server.get(key))
        for key in sorted(contract.keys() | server.keys())
        if contract.get(key) != server.get(key)
    }


# --- the contract -------------------------------------------------------------------------------------------


def contract_facts(ids: set[str], models: dict[str, type[Wire]]) -> Facts:
    facts: Facts = {}
    for operation_id in ids & operations().keys():
        for name, value in _contract_operation(operations()[operation_id]):
            facts[f"{operation_id} {name}"] = value
    for model in models.keys() & load("models").keys():
        fields = load("models")[model]["fields"]
        facts[f"{model} fields"] = list(fields)
        for field, entry in fields.items():
            if tells_types_only(model):
                facts[f"{model}.{field} type"] = field_type(entry)
                continue
            facts[f"{model}.{field} required"] = field in required_fields(model)
            for name, value in _contract_field(entry):
                facts[f"{model}.{field} {name}"] = value
    return facts


def _contract_operation(operation: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    model, page = returned(operation)
    query = operation.get("query", {})
    body = operation.get("body")
    yield "verb", operation["verb"]
    yield "path", operation["path"]
    yield "arguments", operation.get("path_params", [])
    yield "query", {name: _QUERY_ALIASES.get(kind, kind) for name, kind in query.items()}
    yield "body", None if body is None else body["model"]
    yield "partial", None if body is None else body["partial"]
    yield "required", sorted(operation.get("required", ()))
    yield "returns", model
    yield "page", page
    yield "roles", sorted(operation["roles"])
    yield "only", operation.get("only")
    yield "status", success_status(operation)
    # The newest lists are missing from the published tables of searchable and sortable properties.
    for option, table in (("searchOn", "searchable"), ("sortBy", "sortable")):
        if option in query and operation["id"] in load(table):
            names = load(table)[operation["id"]]
            yield table, names and [name for name in names if not name.startswith("!")]


def _contract_field(entry: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    low, high = limits(entry)
    yield "type", field_type(entry)
    for flag in ("nullable", "readOnly", "writeOnly"):
        yield flag, entry.get(flag, False)
    yield "maxLength", entry.get("maxLength")
    yield "minLength", entry.get("minLength")
    yield "minimum", low
    yield "maximum", high
    yield "default", _default(json.loads(entry.get("default", "null")))


def _default(value: Any) -> Any:
    """A default of null, false or 0 is no other than having none (CONV-2)."""
    return value or None


# --- the server ---------------------------------------------------------------------------------------------


def reachable(built: list[Operation]) -> dict[str, type[Wire]]:
    """The models of bodies and answers, and those inside them, by name."""
    found: dict[str, type[Wire]] = {}
    seen: set[type[Wire]] = set()
    waiting = [part.model for operation in built for part in (operation.body, operation.returns) if part]
    while waiting:
        model = waiting.pop()
        known = found.setdefault(model.__name__, model)
        assert known is model, f"two models are named {model.__name__}"
        if model not in seen:
            seen.add(model)
            waiting += [inner for column in model.__columns__.values() if (inner := _innermost(column.type))]
    return found


def _innermost(wire: WireType) -> type[Wire] | None:
    while wire.item is not None:
        wire = wire.item
    return wire.model


def registry_facts(built: list[Operation]) -> Facts:
    facts: Facts = {}
    for operation in built:
        for name, value in _operation(operation):
            facts[f"{operation.id} {name}"] = value
    for name, model in reachable(built).items():
        if name in NAMED_ONLY:
            continue
        facts[f"{name} fields"] = list(model.__columns__)
        for column in model.__columns__.values():
            if tells_types_only(name):
                facts[f"{name}.{column.name} type"] = _type(column.type).replace("datetime", "string")
                continue
            for aspect, value in _column(column):
                facts[f"{name}.{column.name} {aspect}"] = value
    return facts


def _operation(operation: Operation) -> Iterator[tuple[str, Any]]:
    body, returns, lists = operation.body, operation.returns, operation.lists
    yield "verb", operation.verb
    yield "path", operation.path
    yield "arguments", list(operation.path_parameters)
    declared = {parameter.name: _query_type(parameter.type) for parameter in operation.query}
    yield "query", declared | _options(lists)
    yield "body", body and body.model.__name__
    yield "partial", body and body.partial
    required = () if body is None or body.partial else body.model.__columns__.values()
    yield "required", sorted(column.name for column in required if column.required)
    yield "returns", returns and returns.model.__name__
    paged = returns is not None and returns.page
    yield "page", None if not paged else "ListPageWithFacets" if lists and lists.facets else "ListPage"
    yield "roles", sorted(operation.roles)
    yield "only", "Buyer" if operation.user_types == {UserType.BUYER} else None
    yield "status", operation.status
    if lists is not None:
        for fact, names in (("searchable", lists.search), ("sortable", lists.sort)):
            if names != () and operation.id in load(fact):
                yield fact, None if names is None else list(names)


def _options(lists: ListOptions | None) -> dict[str, str]:
    if lists is None:
        return {}
    paging = {"page": "number", "pageSize": "number"}
    if lists.bare:
        return paging
    found: dict[str, str] = {}
    if lists.search != ():
        found |= {"search": "string", "searchOn": "csv"}
        if lists.premium:
            found["searchType"] = "SearchType"
    if lists.sort != ():
        found["sortBy"] = "csv"
    return found | paging | {"filters": "Filters"}


def _column(column: Column) -> Iterator[tuple[str, Any]]:
    yield "type", _type(column.type)
    yield "nullable", column.nullable
    yield "required", column.required
    yield "readOnly", column.read_only
    yield "writeOnly", column.write_only
    yield "maxLength", column.max_length
    yield "minLength", column.min_length
    yield "minimum", column.minimum
    yield "maximum", column.maximum
    yield "default", _default(column.default)


def _type(wire: WireType) -> str:
    if wire.item is not None:
        return f"list[{_type(wire.item)}]"
    named = wire.enum or wire.model
    return _CONTRACT_NAMES[wire.kind] if named is None else named.__name__


def _query_type(wire: WireType) -> str:
    name = _type(wire)
    return _QUERY_NAMES.get(name, name)

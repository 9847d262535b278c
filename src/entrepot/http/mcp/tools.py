"""Tools as they are told to an assistant: a few that find and call any operation, and operations that are tools themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from entrepot.engine.principal import Principal
from entrepot.http.mcp import schemas
from entrepot.http.mcp.arguments import BODY, FILTERS, KEY
from entrepot.http.mcp.offered import Effect, Offer, Offered, Selection
from entrepot.http.mcp.schemas import Schema

SEARCH, DESCRIBE = "search_operations", "describe_operation"
CALLS = {kind: f"call_{kind}" for kind in Effect}
"""The tool that calls any operation of a kind: so a host may let an assistant read without asking, and ask before it deletes."""
MOST_FOUND = 50


@dataclass(frozen=True, slots=True)
class Tool:
    """What is told of a tool. repeats: whether a second call changes nothing more."""

    name: str
    title: str
    description: str
    schema: Schema
    kind: Effect
    repeats: bool


def tools_for(offer: Offer, selection: Selection, caller: Principal) -> Iterator[Tool | Offered]:
    """What a caller may call, of what was asked for; operations as they are, since `tool_of` takes time."""
    if selection.finding:
        open_kinds = {each.kind for each in offer.all if selection.opens(each, caller)}
        yield _SEARCH
        yield _DESCRIBE
        yield from (_CALL[kind] for kind in Effect if kind in open_kinds)
    yield from (each for each in selection.named if selection.opens(each, caller))


def tool_of(offered: Offered) -> Tool:
    """The tool that is one operation."""
    operation = offered.operation
    path, query = schemas.parameters(operation, "path"), schemas.parameters(operation, "query")
    body = schemas.body(operation)
    properties = {**path["properties"], **query["properties"]}
    required = [*path.get("required", ()), *query.get("required", ())]
    if FILTERS in properties:
        properties[FILTERS] = {**properties[FILTERS], "additionalProperties": _VALUES}
    definitions = {**path.get("$defs", {}), **query.get("$defs", {})}
    if body is not None:
        definitions |= body.pop("$defs", {})
        properties[BODY] = body
        if operation.body is not None and operation.body.required:
            required.append(BODY)
    if offered.kind is not Effect.READ:
        properties[KEY] = _KEY
    schema = _object(properties, *required)
    if definitions:
        schema["$defs"] = definitions
    told = [f"{operation.summary}.", operation.description, *operation.steps]
    return Tool(
        offered.tool, operation.summary, " ".join(filter(None, told)), schema, offered.kind, offered.repeats
    )


def _object(properties: Schema, *required: str) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": [*required],
        "additionalProperties": False,
    }


_VALUES: Schema = {"type": ["string", "number", "boolean"]}
_ID: Schema = {"type": "string", "description": "ID of an operation, as Products.List."}
_KEY: Schema = {
    "type": "string",
    "description": "A text of your own, another one for each thing to be done: with it a call may be sent again, and is done once.",
}
_PARAMETERS: Schema = {"type": "object", "additionalProperties": True}

_SEARCH = Tool(
    SEARCH,
    "Find operations",
    "Finds operations of this commerce API by words of what they do, among those that your token opens: their IDs, the"
    " tool that calls each, verb, path and summary. Begin here.",
    _object(
        {
            "query": {
                "type": "string",
                "description": "Words, as: cancel order. Without any, all that fit the rest.",
            },
            "group": {"type": "string", "description": "Only this resource: Products, Orders, Me ..."},
            "kind": {"type": "string", "enum": [*Effect], "description": "Only what does this."},
            "limit": {"type": "integer", "minimum": 1, "maximum": MOST_FOUND, "default": 15},
        }
    ),
    Effect.READ,
    repeats=True,
)
_DESCRIBE = Tool(
    DESCRIBE,
    "Describe an operation",
    "Everything about one operation: its parameters, JSON Schemas of its body and of its answer, the roles that open it"
    " and whether yours do. Ask before you call what you do not know.",
    _object({"operationID": _ID}, "operationID"),
    Effect.READ,
    repeats=True,
)
_SAYS = {
    Effect.READ: "Calls an operation that changes nothing. Lists take page, pageSize, search, sortBy in query, and filters by"
    " property there, as Name=Shoe* or xp.Color=red|blue.",
    Effect.CREATE: "Calls an operation that makes something new and changes nothing that is there.",
    Effect.CHANGE: "Calls an operation that changes what is there, or acts on it: PATCH changes the given properties, PUT replaces"
    " all, others submit, cancel, assign and the like.",
    Effect.DELETE: "Calls an operation that deletes. Nothing brings back what is gone.",
}


def _call(kind: Effect) -> Tool:
    properties: Schema = {
        "operationID": _ID,
        "path": {**_PARAMETERS, "description": "Values of the path's parameters, by name."},
        "query": {**_PARAMETERS, "description": "Query parameters, by name."},
    }
    if kind is not Effect.DELETE:
        properties[BODY] = {
            "type": "object",
            "additionalProperties": True,
            "description": "The JSON body, if any.",
        }
    if kind is not Effect.READ:
        properties[KEY] = _KEY
    title = f"{kind.capitalize()} by any operation"
    return Tool(
        CALLS[kind],
        title,
        _SAYS[kind],
        _object(properties, "operationID"),
        kind,
        repeats=kind in (Effect.READ, Effect.DELETE),
    )


_CALL = {kind: _call(kind) for kind in Effect}


def hints(tool: Tool) -> dict[str, Any]:
    """For the host: what reads, what destroys or overwrites, what may be sent twice."""
    return {
        "readOnlyHint": tool.kind is Effect.READ,
        "destructiveHint": tool.kind in (Effect.CHANGE, Effect.DELETE),
        "idempotentHint": tool.kind is Effect.READ or tool.repeats,
        "openWorldHint": False,
    }

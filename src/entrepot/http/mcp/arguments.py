"""Arguments of a tool as a request: path, query and body of the operation that it calls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urlencode

from entrepot.declare.operation import Operation
from entrepot.engine.wire.masking import taken_away
from entrepot.http.body import VERBS
from entrepot.http.encoding import encode
from entrepot.http.mcp.offered import Offered
from entrepot.http.openapi.parameters import parameters
from entrepot.http.protocol import MAX_URL
from entrepot.http.routing import mounted
from entrepot.kernel.errors import ToolArgumentsError, UrlTooLongError
from entrepot.kernel.money import plain_text

BODY, FILTERS, KEY = "body", "filters", "idempotencyKey"
"""Arguments of tools that are one operation, beside its parameters."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request to be made. path: on the host, percent-encoded; query: without its question mark; key: Idempotency-Key; takes: the
    secrets that would go with its body, if there are any.
    """

    operation: Operation
    path: str
    query: str
    body: bytes
    key: str = ""
    takes: tuple[str, ...] = ()


def of_any(offered: Offered, arguments: Mapping[str, Any]) -> Asked:
    """Of a tool that calls any operation: its parameters are in `path` and `query`. Raises ToolArgumentsError."""
    return _asked(
        offered.operation,
        _object(arguments, "path"),
        _object(arguments, "query"),
        arguments.get(BODY),
        arguments.get(KEY),
    )


def of_one(offered: Offered, arguments: Mapping[str, Any]) -> Asked:
    """Of a tool that is one operation: its parameters stand side by side, and filters of a list in `filters`. Raises
    ToolArgumentsError.
    """
    operation = offered.operation
    query = {name: value for name, value in arguments.items() if name not in (BODY, KEY)}
    unknown = sorted(query.keys() - {each["name"] for each in parameters(operation)})
    if unknown:
        raise ToolArgumentsError(message=f"{operation.id} has no {', '.join(unknown)[:100]}.")
    path = {name: query.pop(name) for name in operation.path_parameters if name in query}
    return _asked(operation, path, query, arguments.get(BODY), arguments.get(KEY))


def text_of(arguments: Mapping[str, Any], name: str, default: str = "") -> str:
    """An argument that is a text, of which nothing and null are the default. Raises ToolArgumentsError."""
    value = arguments.get(name)
    if value is None:
        return default
    if not isinstance(value, str):
        raise ToolArgumentsError(message=f"{name} has to be a text.")
    return value


def _object(arguments: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = arguments.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ToolArgumentsError(message=f"{name} has to be an object.")
    return value


def _asked(
    operation: Operation, path: Mapping[str, Any], query: Mapping[str, Any], body: Any, key: Any
) -> Asked:
    if key is not None and (not isinstance(key, str) or not key.isascii() or not key.isprintable()):
        raise ToolArgumentsError(message=f"{KEY} has to be a text of printable ASCII characters.")
    if body is not None and operation.verb not in VERBS:
        raise ToolArgumentsError(message=f"{operation.id} takes no body.")
    found = Asked(
        operation,
        _path(operation, path),
        urlencode([*_pairs({**query, **_object(query, FILTERS), FILTERS: None})]),
        b"" if body is None else encode(body),
        key or "",
        _taken(operation, body),
    )
    if len(found.path) + len(found.query) > MAX_URL:
        raise UrlTooLongError(MAX_URL)
    return found


def _taken(operation: Operation, body: Any) -> tuple[str, ...]:
    if operation.body is None or operation.verb not in ("PUT", "PATCH"):
        return ()
    return tuple(taken_away(operation.body.model, body, whole=operation.verb == "PUT"))


def _path(operation: Operation, given: Mapping[str, Any]) -> str:
    names = operation.path_parameters
    missing = [name for name in names if given.get(name) in (None, "")]
    unknown = sorted(given.keys() - set(names))
    if missing or unknown:
        told = [f"lacks {', '.join(missing)}"] * bool(missing)
        told += [f"has no {', '.join(unknown)}"] * bool(unknown)
        raise ToolArgumentsError(
            {"Path": operation.path}, message=f"The path of {operation.id} {' and '.join(told)}."
        )
    path = mounted(operation.path)
    for name in names:
        path = path.replace(f"{{{name}}}", quote(_text(name, given[name]), safe=""))
    return path


def _pairs(query: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Nothing of null; of several values one text with commas, as lists of names are written."""
    for name, value in query.items():
        if isinstance(value, list):
            yield name, ",".join(_text(name, each) for each in value)
        elif value is not None:
            yield name, _text(name, value)


def _text(name: str, value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str() | int():
            return str(value)
        case Decimal():
            return plain_text(value)
        case _:
            raise ToolArgumentsError(message=f"{name} has to be a text, a number, true or false.")

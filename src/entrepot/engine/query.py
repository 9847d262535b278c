"""Declared query parameters: those that are no list options and no filters (FLT-2)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from entrepot.declare.operation import Operation, QueryParameter
from entrepot.domain.listing.fields import ListShape
from entrepot.domain.listing.page_key import read_query
from entrepot.domain.listing.query import option_name
from entrepot.domain.listing.request import LONGEST_KNOWN
from entrepot.engine.call import Call
from entrepot.kernel.errors import InvalidTypeError, PropertyError, ValidationError
from entrepot.storage.listing.shapes import shape_of

_INTEGER = re.compile("[+-]?[0-9]{1,9}")


@lru_cache(maxsize=2048)
def _by_lower_name(operation: Operation) -> dict[str, QueryParameter]:
    return {parameter.name.lower(): parameter for parameter in operation.query}


@lru_cache(maxsize=2048)
def shape_of_list(operation: Operation) -> ListShape:
    """The shape of a list operation; the same object each time, by which requests are remembered."""
    assert operation.lists is not None
    assert operation.returns is not None
    return shape_of(operation.returns.model, operation.lists, operation.query)


def parameters(call: Call) -> dict[str, Any]:
    """The declared parameters that were given, by name, read by their types; an empty value counts as absent.

    Enums come back as their member, booleans as bool. Raises List.InvalidType, and ValidationFailure for a required
    parameter that is missing.
    """
    if not call.operation.query:
        return {}
    read = _known if len(call.query) <= LONGEST_KNOWN else _parameters
    return read(call.operation, call.query).copy()


def undeclared(call: Call) -> dict[str, str]:
    """What else stands in the query, by name, of an operation that has nothing but declared parameters."""
    declared = _by_lower_name(call.operation)
    pairs = read_query(call.query)[1] if call.query else ()
    return {name: text for name, text in pairs if option_name(name) not in declared}


def _parameters(operation: Operation, query: str) -> dict[str, Any]:
    declared = _by_lower_name(operation)
    found: dict[str, Any] = {}
    if query:
        _, pairs = read_query(query)
        for name, text in pairs:
            parameter = declared.get(option_name(name))
            if parameter is not None and text and parameter.name not in found:
                found[parameter.name] = _read(parameter, text)
    for parameter in declared.values():
        if parameter.required and parameter.name not in found:
            raise ValidationError(
                PropertyError(f"{parameter.name} is required.", {"Property": parameter.name})
            )
    return found


_known = lru_cache(maxsize=1024)(_parameters)


def _read(parameter: QueryParameter, text: str) -> Any:
    if "\0" in text:
        raise InvalidTypeError(parameter.name)
    match parameter.type.kind:
        case "enum":
            assert parameter.type.enum is not None
            members = list(parameter.type.enum)
            for position, member in enumerate(members):
                if text.lower() == member.lower() or text == str(position):
                    return member
            raise InvalidTypeError(parameter.name, text)
        case "boolean":
            if text.lower() not in ("true", "false", "1", "0"):
                raise InvalidTypeError(parameter.name, text)
            return text.lower() in ("true", "1")
        case "integer":
            if _INTEGER.fullmatch(text) is None:
                raise InvalidTypeError(parameter.name, text)
            return int(text)
        case _:
            return text

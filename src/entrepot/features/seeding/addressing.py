"""Records as requests: what the path and the query of an operation take from them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from entrepot.declare.operation import Operation

Values = dict[str, Any]


def path_of(operation: Operation, payload: Values) -> dict[str, str]:
    """The path parameters, by the properties of the same names."""
    names = _path_parameters(operation)
    if not names:
        return {}
    folded = {name.lower(): value for name, value in payload.items()}
    return {name: str(folded.get(lower) or "") for name, lower in names}


@lru_cache(maxsize=1024)
def _path_parameters(operation: Operation) -> tuple[tuple[str, str], ...]:
    """Their names, as they are and in lower case."""
    return tuple((name, name.lower()) for name in operation.path_parameters)


def query_of(operation: Operation, payload: Values) -> str:
    """The query string, likewise: of what has no body."""
    if not operation.query:
        return ""
    folded = {name.lower(): value for name, value in payload.items()}
    named = {each.name: folded.get(each.name.lower()) for each in operation.query}
    return urlencode({name: value for name, value in named.items() if value is not None})

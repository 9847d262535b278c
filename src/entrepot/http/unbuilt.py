"""Operations of the contract that this server does not have yet (unbuilt.toml): known routes that answer 501."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files


@cache
def unbuilt_routes() -> tuple[tuple[str, str, str], ...]:
    """(operation id, verb, path below /v1) of each."""
    listed = tomllib.loads(files("entrepot.http").joinpath("unbuilt.toml").read_text("utf-8"))
    return tuple(
        (f"{resource}.{method}", *_verb_and_path(route))
        for resource, methods in listed.items()
        for method, route in methods.items()
    )


def _verb_and_path(route: str) -> tuple[str, str]:
    verb, _, path = route.partition(" ")
    return verb, path

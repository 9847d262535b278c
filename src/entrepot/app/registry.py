"""The registry, built once per process."""

from functools import cache

from entrepot.declare.registry import Registry
from entrepot.features.registry import build_registry


@cache
def registry() -> Registry:
    """Every operation of this server."""
    return build_registry()

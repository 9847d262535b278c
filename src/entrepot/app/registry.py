"""The registries, built once per process."""

from functools import cache

from entrepot.declare.registry import Registry
from entrepot.features.registry import build_portal_registry, build_registry


@cache
def registry() -> Registry:
    """Every operation of this server's API."""
    return build_registry()


@cache
def portal_registry() -> Registry:
    """Every operation of its portal."""
    return build_portal_registry()

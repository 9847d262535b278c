"""The registries, built once per process."""

from copy import copy
from functools import cache

from entrepot.declare.registry import Registry
from entrepot.features.registry import build_portal_registry, build_registry


@cache
def registry() -> Registry:
    """Every operation of this server's API."""
    return build_registry()


def without_test_bench(registry: Registry) -> Registry:
    """The same without the operations that exist for tests: what they are about stays declared, as its tables stay."""
    without = copy(registry)
    without.operations = {
        name: operation for name, operation in registry.operations.items() if not operation.is_for_tests
    }
    return without


@cache
def portal_registry() -> Registry:
    """Every operation of its portal."""
    return build_portal_registry()

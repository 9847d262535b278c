"""The portal's operations, in a registry of their own: they are none of the API's, nor in its OpenAPI document."""

from __future__ import annotations

from entrepot.declare.operation import Operation
from entrepot.declare.registry import Registry
from entrepot.features.people.portal import confirming, forgotten, grants, me, sign_up, tokens

OPERATIONS: tuple[Operation, ...] = (
    *grants.OPERATIONS,
    *sign_up.OPERATIONS,
    *forgotten.OPERATIONS,
    *me.OPERATIONS,
    *confirming.OPERATIONS,
    *tokens.OPERATIONS,
)


def build_portal_registry() -> Registry:
    """Raises DuplicateDeclarationError."""
    registry = Registry()
    registry.add_operations(OPERATIONS)
    return registry

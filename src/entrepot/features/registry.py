"""Every declaration of every feature, in one list."""

from __future__ import annotations

from entrepot.declare.registry import Registry
from entrepot.engine.expand import expand
from entrepot.features.catalog import resources as catalog
from entrepot.features.configuration import operations as configuration_operations
from entrepot.features.configuration import resources as configuration
from entrepot.features.identity import operations as identity_operations
from entrepot.features.identity import resources as identity
from entrepot.features.oauth import operations as oauth_operations
from entrepot.features.oauth import resources as oauth
from entrepot.features.organizations import operations as organizations_operations
from entrepot.features.organizations import resources as organizations


def build_registry() -> Registry:
    """The registry of the whole server."""
    registry = Registry()
    for entity in catalog.ENTITIES:
        registry.add_entity(entity)
    for resources in (organizations.RESOURCES, configuration.RESOURCES, identity.RESOURCES, oauth.RESOURCES):
        for resource in resources:
            registry.add_resource(resource)
    for assignments in (
        catalog.ASSIGNMENTS,
        organizations.ASSIGNMENTS,
        configuration.ASSIGNMENTS,
        identity.ASSIGNMENTS,
        oauth.ASSIGNMENTS,
    ):
        for assignment in assignments:
            registry.add_assignment(assignment)
    expand(registry)
    for operations in (
        organizations_operations.OPERATIONS,
        configuration_operations.OPERATIONS,
        identity_operations.OPERATIONS,
        oauth_operations.OPERATIONS,
    ):
        registry.add_operations(operations)
    return registry

"""Every declaration of every feature, in one list."""

from __future__ import annotations

from entrepot.declare.registry import Registry
from entrepot.engine.expand import expand
from entrepot.features.catalog import facets
from entrepot.features.catalog import operations as catalog_operations
from entrepot.features.catalog import resources as catalog
from entrepot.features.catalog import spec_resources as specs
from entrepot.features.company_assets import operations as company_assets_operations
from entrepot.features.company_assets import resources as company_assets
from entrepot.features.configuration import operations as configuration_operations
from entrepot.features.configuration import resources as configuration
from entrepot.features.identity import operations as identity_operations
from entrepot.features.identity import resources as identity
from entrepot.features.integrations import operations as integrations_operations
from entrepot.features.integrations import resources as integrations
from entrepot.features.oauth import operations as oauth_operations
from entrepot.features.oauth import resources as oauth
from entrepot.features.organizations import operations as organizations_operations
from entrepot.features.organizations import resources as organizations
from entrepot.features.pricing import operations as pricing_operations
from entrepot.features.pricing import resources as pricing


def build_registry() -> Registry:
    """The registry of the whole server."""
    registry = Registry()
    for entity in integrations.ENTITIES:
        registry.add_entity(entity)
    for resources in (
        organizations.RESOURCES,
        configuration.RESOURCES,
        identity.RESOURCES,
        oauth.RESOURCES,
        company_assets.RESOURCES,
        integrations.RESOURCES,
        facets.RESOURCES,
        catalog.RESOURCES,
        specs.RESOURCES,
        pricing.RESOURCES,
    ):
        for resource in resources:
            registry.add_resource(resource)
    for assignments in (
        catalog.ASSIGNMENTS,
        organizations.ASSIGNMENTS,
        configuration.ASSIGNMENTS,
        identity.ASSIGNMENTS,
        oauth.ASSIGNMENTS,
        company_assets.ASSIGNMENTS,
        integrations.ASSIGNMENTS,
    ):
        for assignment in assignments:
            registry.add_assignment(assignment)
    graph = expand(registry)
    registry.add_operations(integrations_operations.singleton_operations(graph))
    for operations in (
        organizations_operations.OPERATIONS,
        configuration_operations.OPERATIONS,
        identity_operations.OPERATIONS,
        oauth_operations.OPERATIONS,
        company_assets_operations.OPERATIONS,
        integrations_operations.OPERATIONS,
        catalog_operations.OPERATIONS,
        pricing_operations.OPERATIONS,
    ):
        registry.add_operations(operations)
    return registry

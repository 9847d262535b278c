"""Every declaration of every feature, in one list."""

from __future__ import annotations

from entrepot.declare.feeds import EVERYBODY, Feed, Feeds
from entrepot.declare.registry import Registry
from entrepot.engine.expand import expand
from entrepot.features.catalog.audience.selling import end_selling
from entrepot.features.catalog.bundles import operations as bundles_operations
from entrepot.features.catalog.bundles import resources as bundles
from entrepot.features.catalog.catalogs import facets, spec_products
from entrepot.features.catalog.catalogs import operations as catalog_operations
from entrepot.features.catalog.catalogs import product_resources as catalog_products
from entrepot.features.catalog.catalogs import resources as catalog
from entrepot.features.catalog.catalogs import spec_resources as specs
from entrepot.features.catalog.collections import operations as collections_operations
from entrepot.features.catalog.collections import resources as collections
from entrepot.features.catalog.discounts import resources as discounts
from entrepot.features.catalog.explaining import operations as explaining_products
from entrepot.features.catalog.inventory import operations as inventory_operations
from entrepot.features.catalog.inventory import resources as inventory
from entrepot.features.catalog.pricing import operations as pricing_operations
from entrepot.features.catalog.pricing import resources as pricing
from entrepot.features.catalog.products import operations as products_operations
from entrepot.features.catalog.products import resources as products
from entrepot.features.catalog.products import variants, variants_generate
from entrepot.features.catalog.shopping import operations as shopping_operations
from entrepot.features.people.batches import operations as batches_operations
from entrepot.features.people.catchers import operations as catchers_operations
from entrepot.features.people.company_assets import operations as company_assets_operations
from entrepot.features.people.company_assets import resources as company_assets
from entrepot.features.people.configuration import operations as configuration_operations
from entrepot.features.people.configuration import resources as configuration
from entrepot.features.people.deliveries import trying
from entrepot.features.people.deliveries.events import EventKind
from entrepot.features.people.deliveries.failing import FAILED
from entrepot.features.people.deliveries.log import operations as deliveries_operations
from entrepot.features.people.deliveries.trying import TRIED
from entrepot.features.people.events import operations as events_operations
from entrepot.features.people.explaining import requests as explaining_requests
from entrepot.features.people.faults import resources as faults
from entrepot.features.people.forgotten import operations as forgotten_operations
from entrepot.features.people.identity import operations as identity_operations
from entrepot.features.people.identity import resources as identity
from entrepot.features.people.integrations import operations as integrations_operations
from entrepot.features.people.integrations import resources as integrations
from entrepot.features.people.mailbox import operations as mailbox_operations
from entrepot.features.people.messages.invitations import invite
from entrepot.features.people.oauth import operations as oauth_operations
from entrepot.features.people.oauth import resources as oauth
from entrepot.features.people.openid import operations as openid_operations
from entrepot.features.people.openid import resources as openid
from entrepot.features.people.organizations import operations as organizations_operations
from entrepot.features.people.organizations import resources as organizations
from entrepot.features.people.portal import operations as portal_operations
from entrepot.features.people.recordings import operations as recordings_operations
from entrepot.features.people.request_log import operations as request_log_operations
from entrepot.features.people.snapshot_files import operations as snapshot_files
from entrepot.features.people.snapshots import marketplaces as test_marketplaces
from entrepot.features.people.snapshots import operations as snapshots_operations
from entrepot.features.people.tracking.logins import LOGGED_IN
from entrepot.features.people.webhooks.telling import WEBHOOK_EVENT
from entrepot.features.trade.approvals import resources as approvals
from entrepot.features.trade.cart import operations as cart_operations
from entrepot.features.trade.checkout import operations as checkout_operations
from entrepot.features.trade.checkout.ad_hoc import ad_hoc_product
from entrepot.features.trade.checkout.telling import CHECKOUT_MOVE, tell_later
from entrepot.features.trade.clock import operations as clock_operations
from entrepot.features.trade.dashboards import operations as dashboards_operations
from entrepot.features.trade.explaining import promotions as explaining_promotions
from entrepot.features.trade.expressions import checking as expression_checks
from entrepot.features.trade.expressions import paths as expression_paths
from entrepot.features.trade.expressions import trying as expression_trials
from entrepot.features.trade.expressions import vocabulary as expression_vocabulary
from entrepot.features.trade.group_orders import operations as group_orders_operations
from entrepot.features.trade.group_orders import resources as group_orders
from entrepot.features.trade.guests import operations as guests_operations
from entrepot.features.trade.messages.kinds import MESSAGE_EVENTS
from entrepot.features.trade.orders import operations as orders_operations
from entrepot.features.trade.orders import resources as orders
from entrepot.features.trade.orders.following import Follower
from entrepot.features.trade.orders.lines.elsewhere import Source
from entrepot.features.trade.orders.promotions.uses import give_back
from entrepot.features.trade.orders.splitting import auto_forward
from entrepot.features.trade.orders.tracked import track_submit
from entrepot.features.trade.payments import operations as payments_operations
from entrepot.features.trade.payments import resources as payments
from entrepot.features.trade.promotions import operations as promotions_operations
from entrepot.features.trade.promotions import resources as promotions
from entrepot.features.trade.returns import operations as returns_operations
from entrepot.features.trade.returns import resources as returns
from entrepot.features.trade.shipments import operations as shipments_operations
from entrepot.features.trade.shipments import resources as shipments
from entrepot.features.trade.subscriptions import on_request as subscriptions_on_request
from entrepot.features.trade.subscriptions import operations as subscriptions_operations
from entrepot.features.trade.subscriptions import resources as subscriptions
from entrepot.features.trade.synchronization import full as full_synchronization
from entrepot.features.trade.synchronization import on_request as synchronization_on_request
from entrepot.features.trade.synchronization import operations as synchronization_operations
from entrepot.features.trade.synchronization.expanding import EVENTS as SYNCHRONIZATION_EVENTS
from entrepot.features.trade.tracking.orders import LINE_ADDED, LINE_UPDATED, SUBMITTED

EVENTS: tuple[EventKind, ...] = (
    TRIED,
    LOGGED_IN,
    LINE_ADDED,
    LINE_UPDATED,
    SUBMITTED,
    CHECKOUT_MOVE,
    FAILED,
    WEBHOOK_EVENT,
    *SYNCHRONIZATION_EVENTS,
    *MESSAGE_EVENTS,
)
"""What may have to be told, and how it is expanded (deliveries/events.py). One line for each kind."""
FOLLOWERS: tuple[Follower, ...] = (give_back, auto_forward, tell_later, track_submit)
"""What follows the move of an order, in this order (orders/following.py)."""
PRODUCT_SOURCES: tuple[Source, ...] = (ad_hoc_product,)
"""Who is asked for products that the catalog lacks (orders/lines/elsewhere.py)."""
SUPPLIER_ENDS = (end_selling,)
NEW_USERS = (invite,)


def build_registry() -> Registry:
    """The registry of the whole server."""
    registry = Registry()
    for entity in (
        *integrations.ENTITIES,
        *mailbox_operations.ENTITIES,
        *catchers_operations.ENTITIES,
        *openid.ENTITIES,
        *collections.ENTITIES,
        *promotions.ENTITIES,
        *orders.ENTITIES,
        *payments.ENTITIES,
        *shipments.ENTITIES,
        *subscriptions.ENTITIES,
        *group_orders.ENTITIES,
        *returns.ENTITIES,
    ):
        registry.add_entity(entity)
    for resources in (
        organizations.RESOURCES,
        configuration.RESOURCES,
        identity.RESOURCES,
        oauth.RESOURCES,
        company_assets.RESOURCES,
        integrations.RESOURCES,
        faults.RESOURCES,
        facets.RESOURCES,
        catalog.RESOURCES,
        specs.RESOURCES,
        pricing.RESOURCES,
        products.RESOURCES,
        variants.RESOURCES,
        inventory.RESOURCES,
        bundles.RESOURCES,
        promotions.RESOURCES,
        approvals.RESOURCES,
        discounts.RESOURCES,
        shipments.RESOURCES,
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
        products.ASSIGNMENTS,
        catalog_products.ASSIGNMENTS,
        spec_products.ASSIGNMENTS,
        inventory.ASSIGNMENTS,
        bundles.ASSIGNMENTS,
        promotions.ASSIGNMENTS,
        discounts.ASSIGNMENTS,
        collections.ASSIGNMENTS,
    ):
        for assignment in assignments:
            registry.add_assignment(assignment)
    registry.add_feeds("marketplaces", Feeds(feed=Feed.SECURITY, columns=("ID", "Active"), new_rows=False))
    registry.add_feeds(
        "virtual_clocks", Feeds(feed=Feed.SECURITY, columns=("moment", "since", "ahead", "ages"))
    )
    registry.add_feeds("recordings", Feeds(feed=Feed.SECURITY, columns=("ID", "ended_at")))
    registry.add_feeds("event_logs", Feeds(feed=Feed.SECURITY, columns=("listened_at",)))
    registry.add_feeds("default_users", Feeds(feed=Feed.SECURITY, new_rows=False))
    registry.add_feeds(
        "user_group_members", Feeds(feed=Feed.CATALOG, scope=EVERYBODY), below=("user_groups", "users")
    )
    expand(registry)
    registry.add_operations(integrations_operations.singleton_operations())
    registry.add_operations(inventory_operations.variant_operations())
    registry.add_operations(collections_operations.collection_operations())
    for operations in (
        organizations_operations.OPERATIONS,
        configuration_operations.OPERATIONS,
        identity_operations.OPERATIONS,
        forgotten_operations.OPERATIONS,
        oauth_operations.OPERATIONS,
        openid_operations.OPERATIONS,
        trying.OPERATIONS,
        events_operations.OPERATIONS,
        guests_operations.OPERATIONS,
        company_assets_operations.OPERATIONS,
        integrations_operations.OPERATIONS,
        deliveries_operations.OPERATIONS,
        explaining_requests.OPERATIONS,
        mailbox_operations.OPERATIONS,
        catchers_operations.OPERATIONS,
        request_log_operations.OPERATIONS,
        snapshots_operations.OPERATIONS,
        snapshot_files.OPERATIONS,
        recordings_operations.OPERATIONS,
        test_marketplaces.OPERATIONS,
        batches_operations.OPERATIONS,
        catalog_operations.OPERATIONS,
        pricing_operations.OPERATIONS,
        shopping_operations.OPERATIONS,
        explaining_products.OPERATIONS,
        products_operations.OPERATIONS,
        variants_generate.OPERATIONS,
        bundles_operations.OPERATIONS,
        promotions_operations.OPERATIONS,
        explaining_promotions.OPERATIONS,
        expression_vocabulary.OPERATIONS,
        expression_checks.OPERATIONS,
        expression_paths.OPERATIONS,
        expression_trials.OPERATIONS,
        dashboards_operations.OPERATIONS,
        orders_operations.OPERATIONS,
        checkout_operations.OPERATIONS,
        cart_operations.OPERATIONS,
        payments_operations.OPERATIONS,
        shipments_operations.OPERATIONS,
        returns_operations.OPERATIONS,
        subscriptions_operations.OPERATIONS,
        group_orders_operations.OPERATIONS,
        synchronization_operations.OPERATIONS,
        full_synchronization.OPERATIONS,
        clock_operations.OPERATIONS,
    ):
        registry.add_operations(operations)
    return registry


def build_portal_registry() -> Registry:
    """The portal's operations have one of their own: they are none of the API's, nor in its OpenAPI document."""
    registry = Registry()
    for operations in (
        portal_operations.OPERATIONS,
        subscriptions_on_request.OPERATIONS,
        synchronization_on_request.OPERATIONS,
    ):
        registry.add_operations(operations)
    return registry

"""Bundles: products that are made of other products (catalog spec section 15)."""

from __future__ import annotations

from dataclasses import replace

from entrepot.declare.assignment import Assignment
from entrepot.declare.entity import Entity, Parent, Stored
from entrepot.declare.feeds import Changed, Feed, Feeds
from entrepot.declare.operation import QueryParameter
from entrepot.declare.resource import CRUD, Resource, Verb
from entrepot.declare.roles import Access, Right, Roles
from entrepot.declare.types import Bool, Id, Int, Text, WireType, Xp
from entrepot.declare.wire import Reference, Wire, column
from entrepot.features.catalog.audience.seen import seen
from entrepot.features.catalog.bundles.hooks import AsProductHooks, BundleHooks, BundleProductHooks
from entrepot.features.catalog.catalogs.product_resources import CATALOG_PRODUCTS, CATEGORY_PRODUCTS
from entrepot.features.catalog.products.resources import PRODUCT, PRODUCT_ASSIGNMENTS
from entrepot.features.people.organizations.enums import PartyType
from entrepot.features.people.organizations.numbers import PRODUCT_NUMBER
from entrepot.kernel.user_types import UserType


class Bundle(Wire):
    """A product that is made of other products; it has no price of its own."""

    ID: Id = column()
    OwnerID: Id = column(references=Reference("suppliers", on_delete="hand_over"))
    Name: Text = column(required=True, max=100)
    Description: Text = column(max=2000)
    Active: Bool = column()
    xp: Xp = column()


class BundleAssignment(Wire):
    """A bundle given to a buyer or a group of its users by a seller."""

    SellerID: Id = column(references=Reference("suppliers", on_delete="cascade"))
    BundleID: Id = column(required=True)
    BuyerID: Id = column(required=True)
    UserGroupID: Id = column()


class BundleProductAssignment(Wire):
    """A product that is part of a bundle (BND-3)."""

    ProductID: Id = column(required=True)
    BundleID: Id = column(required=True)
    Required: Bool = column(required=True)
    DefaultQuantity: Int = column(nullable=True)


class BundleCatalogAssignment(Wire):
    """A bundle that a catalog holds."""

    CatalogID: Id = column(required=True)
    BundleID: Id = column(required=True)


class CategoryBundleAssignment(Wire):
    """A bundle directly in a category, and its place there."""

    CategoryID: Id = column(required=True)
    BundleID: Id = column(required=True)
    ListOrder: Int = column(nullable=True)


BUNDLE = Entity(
    model=Bundle,
    table="products",
    object_type="Bundle",
    part_of=PRODUCT,
    stored=(
        Stored(name="IsBundle", type="boolean", nullable=False),
        Stored(name="QuantityMultiplier", type="integer"),
        Stored(name="DateCreated", type="timestamptz"),
        Stored(name="audience", type="bigint[]", nullable=False),
        PRODUCT_NUMBER,
    ),
    feeds=PRODUCT.feeds,
    synced=PRODUCT.synced,
)
"""A bundle and the product of its ID are one row (BND-1): so they follow one another by being the same."""

ROLES = Roles.of(
    read=("BundleAdmin", "BundleReader"),
    write=("BundleAdmin",),
    assign=("BundleAdmin", "BundleAssignmentAdmin"),
    list_assignments=("BundleAdmin", "BundleAssignmentAdmin", "BundleReader"),
)
BUNDLES = Resource(
    name="Bundles",
    entity=BUNDLE,
    path="/bundles",
    item="bundleID",
    roles=ROLES,
    access=Access(supplier=Right.WRITE, buyer=Right.READ),
    visible={
        UserType.SELLER: 't."IsBundle"',
        UserType.SUPPLIER: 't."IsBundle" AND t."OwnerID" = :company',
        UserType.BUYER: f't."IsBundle" AND {seen()}',
    },
    verbs=CRUD - {Verb.LIST},
    hooks=BundleHooks(),
)
"""A supplier sees the bundles that it owns."""

BUNDLE_PRODUCTS = Assignment(
    name="Bundles",
    noun="Product",
    model=BundleProductAssignment,
    table="bundle_product_assignments",
    things=(Parent("ProductID", "products"), Parent("BundleID", "products")),
    path="/bundles/productassignments",
    delete_path="/bundles/{bundleID}/productassignments/{productID}",
    roles=ROLES,
    access=BUNDLES.access,
    visible={
        UserType.SUPPLIER: """EXISTS (SELECT 1 FROM products b
            WHERE b.marketplace_id = :marketplace_id AND b."ID" = a."BundleID" AND b."OwnerID" = :company)""",
        UserType.BUYER: f"""EXISTS (SELECT 1 FROM products b
            WHERE b.marketplace_id = :marketplace_id AND b."ID" = a."BundleID" AND {seen("b")})""",
    },
    query=(QueryParameter("bundleID"), QueryParameter("productID")),
    hooks=BundleProductHooks(),
    feeds=(
        Feeds(
            feed=Feed.CATALOG,
            scope=Changed(products=None),
            changes=lambda row: Changed(product_ids=frozenset({row["BundleID"], row["ProductID"]})),
        ),
    ),
)

OF_BUNDLE = """EXISTS (SELECT 1 FROM products b
    WHERE b.marketplace_id = :marketplace_id AND b."ID" = a."ProductID" AND b."IsBundle")"""
AS_PRODUCT = Parent("BundleID", "products", held="ProductID")


def _of_bundles(of_products: Assignment) -> dict[UserType, str]:
    """Who lists which rows: as of products, but of bundles alone."""
    seen = {kind: of_products.visible.get(kind, "true") for kind in UserType}
    return {kind: f"({condition}) AND {OF_BUNDLE}" for kind, condition in seen.items()}


CATALOG_BUNDLES = replace(
    CATALOG_PRODUCTS,
    noun="Bundle",
    model=BundleCatalogAssignment,
    things=(CATALOG_PRODUCTS.things[0], AS_PRODUCT),
    path="/catalogs/bundleassignments",
    delete_path="/catalogs/{catalogID}/bundleassignments/{bundleID}",
    roles=ROLES,
    visible=_of_bundles(CATALOG_PRODUCTS),
    query=(QueryParameter("catalogID"), QueryParameter("bundleID")),
    hooks=AsProductHooks(CATALOG_PRODUCTS.hooks),
)
CATEGORY_BUNDLES = replace(
    CATEGORY_PRODUCTS,
    noun="Bundle",
    model=CategoryBundleAssignment,
    things=(CATEGORY_PRODUCTS.things[0], AS_PRODUCT),
    anywhere=frozenset({"BundleID"}),
    path="/catalogs/{catalogID}/categories/bundleassignments",
    delete_path="/catalogs/{catalogID}/categories/{categoryID}/bundleassignments/{bundleID}",
    roles=ROLES,
    visible=_of_bundles(CATEGORY_PRODUCTS),
    query=(QueryParameter("categoryID"), QueryParameter("bundleID")),
    hooks=AsProductHooks(CATEGORY_PRODUCTS.hooks),
)
PARTY_BUNDLES = replace(
    PRODUCT_ASSIGNMENTS,
    name="Bundles",
    model=BundleAssignment,
    things=(AS_PRODUCT,),
    path="/bundles/assignments",
    delete_path="/bundles/{bundleID}/assignments/{buyerID}",
    roles=ROLES,
    visible=_of_bundles(PRODUCT_ASSIGNMENTS),
    query=(
        *(QueryParameter(name) for name in ("bundleID", "buyerID", "userGroupID")),
        QueryParameter("level", WireType("enum", enum=PartyType)),
    ),
)
"""All three are rows of the products' tables, and not registered as tables of their own."""
RESOURCES = (BUNDLES,)
ASSIGNMENTS = (BUNDLE_PRODUCTS,)

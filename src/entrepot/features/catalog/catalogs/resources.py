"""Catalogs, their trees of categories, and who sees them (catalog spec section 5)."""

from __future__ import annotations

from entrepot.declare.assignment import Assignment
from entrepot.declare.entity import Entity, Parent
from entrepot.declare.feeds import EVERYBODY, Changed, Feed, Feeds
from entrepot.declare.operation import QueryParameter
from entrepot.declare.resource import CRUD, Resource, Verb, Within
from entrepot.declare.roles import Access, Right, Roles
from entrepot.declare.synced import Sweep, Synced, Thing
from entrepot.declare.types import Bool, Id, Int, Text, WireType, Xp
from entrepot.declare.wire import Reference, Wire, column
from entrepot.features.catalog.catalogs.category_hooks import CategoryAssignmentHooks, CategoryHooks
from entrepot.features.catalog.catalogs.category_sight import of_buyer
from entrepot.features.catalog.catalogs.hooks import OF_BUYER, OWNER, CatalogAssignmentHooks, CatalogHooks
from entrepot.features.people.organizations.enums import PartyType
from entrepot.features.people.organizations.numbers import AUDIENCE_NUMBER
from entrepot.features.people.ownership import OWN_OR_SELLERS
from entrepot.kernel.errors import CatalogEditError
from entrepot.kernel.user_types import UserType


class Catalog(Wire):
    """A tree of categories with the products in it."""

    ID: Id = column(max=100)
    OwnerID: Id = column(references=Reference("suppliers", on_delete="hand_over"))
    Name: Text = column(required=True, max=100)
    Description: Text = column(max=2000)
    Active: Bool = column()
    CategoryCount: Int = column(
        read_only=True,
        computed='SELECT count(*)::int FROM categories k WHERE k.marketplace_id = :marketplace_id AND k."CatalogID" = t."ID"',
    )
    xp: Xp = column()


class CatalogAssignment(Wire):
    """A catalog that a buyer, or a group of buyers, may shop in (CTG-2, BUY-7)."""

    CatalogID: Id = column(required=True)
    BuyerID: Id = column()
    ViewAllCategories: Bool = column()
    ViewAllProducts: Bool = column()
    BuyerGroupID: Id = column()


class Category(Wire):
    """A node of a catalog's tree."""

    ID: Id = column(max=100)
    Name: Text = column(required=True, max=100)
    Description: Text = column(max=2000)
    ListOrder: Int = column(nullable=True, minimum=0)
    Active: Bool = column()
    ParentID: Id = column(references=Reference("categories"))
    ChildCount: Int = column(
        read_only=True,
        computed="SELECT count(*)::int FROM categories k WHERE k.marketplace_id = :marketplace_id"
        ' AND k."CatalogID" = t."CatalogID" AND k."ParentID" = t."ID"',
    )
    xp: Xp = column()


class CategoryAssignment(Wire):
    """What a buyer, or a group of its users, sees of a category; null is what the parent category gives (CTY-4)."""

    CategoryID: Id = column(required=True)
    BuyerID: Id = column(required=True)
    UserGroupID: Id = column()
    Visible: Bool = column(nullable=True)
    ViewAllProducts: Bool = column(nullable=True)


TREE = Changed(users=None, structure=True)
"""Where it goes, the products that it held are named by the refresh of their tokens."""
CATEGORIES_OF_CATALOG = """
SELECT json_build_array(k."CatalogID", k."ID") FROM categories k WHERE k.marketplace_id = $1 AND k."CatalogID" = $2
"""
PRODUCTS_OF_CATALOG = """
SELECT json_build_array(a."ProductID") FROM catalog_product_assignments a
WHERE a.marketplace_id = $1 AND a."CatalogID" = $2
UNION ALL SELECT json_build_array(a."ProductID") FROM category_product_assignments a
WHERE a.marketplace_id = $1 AND a."CatalogID" = $2
"""
BELOW = """
WITH RECURSIVE below AS (
    SELECT k."ID" FROM categories k WHERE k.marketplace_id = $1 AND k."CatalogID" = $2 AND k."ID" = $3
    UNION SELECT k."ID" FROM below
    JOIN categories k ON k.marketplace_id = $1 AND k."CatalogID" = $2 AND k."ParentID" = below."ID")
"""
CATEGORIES_BELOW = f'{BELOW} SELECT json_build_array($2::citext, "ID") FROM below'
PRODUCTS_BELOW = f"""{BELOW} SELECT json_build_array(a."ProductID") FROM below
JOIN category_product_assignments a ON a.marketplace_id = $1 AND a."CatalogID" = $2 AND a."CategoryID" = below."ID"
"""
CATALOG = Entity(
    model=Catalog,
    table="catalogs",
    object_type="Catalog",
    stored=(AUDIENCE_NUMBER,),
    feeds=(
        Feeds(
            feed=Feed.CATALOG, columns=("ID", "Active"), new_rows=False, scope=TREE, changes=lambda _: TREE
        ),
    ),
    synced=(Synced(of=Thing.CATALOGS, by=("ID",), itself=("ID",), quiet=("number",)),),
    sweeps=(
        Sweep(tables=("categories",), of=Thing.CATEGORIES, find=CATEGORIES_OF_CATALOG, gone=True),
        Sweep(
            tables=("catalog_product_assignments", "category_product_assignments"),
            of=Thing.PRODUCTS,
            find=PRODUCTS_OF_CATALOG,
        ),
    ),
)
CATEGORY = Entity(
    model=Category,
    table="categories",
    object_type="Category",
    parents=(Parent("CatalogID", "catalogs"),),
    stored=(AUDIENCE_NUMBER,),
    feeds=(
        Feeds(
            feed=Feed.CATALOG,
            columns=("CatalogID", "ID", "ParentID", "Active"),
            scope=TREE,
            changes=lambda _: TREE,
        ),
    ),
    synced=(
        Synced(of=Thing.CATEGORIES, by=("CatalogID", "ID"), itself=("CatalogID", "ID"), quiet=("number",)),
    ),
    sweeps=(
        Sweep(
            tables=("categories",),
            of=Thing.CATEGORIES,
            find=CATEGORIES_BELOW,
            by=("CatalogID", "ID"),
            gone=True,
        ),
        Sweep(
            tables=("category_product_assignments",),
            of=Thing.PRODUCTS,
            find=PRODUCTS_BELOW,
            by=("CatalogID", "ID"),
        ),
    ),
)

CATALOGS = Resource(
    name="Catalogs",
    entity=CATALOG,
    path="/catalogs",
    item="catalogID",
    roles=Roles.named("Catalog"),
    access=Access(supplier=Right.WRITE, buyer=Right.OWN),
    visible={UserType.SUPPLIER: OWN_OR_SELLERS, UserType.BUYER: OF_BUYER},
    search=("ID", "Name", "Description"),
    sort=("OwnerID", "Name", "ID"),
    hooks=CatalogHooks(CatalogEditError),
)
IN_CATALOG = (Within("catalogID", "CatalogID", CATALOGS),)
CATEGORIES = Resource(
    name="Categories",
    entity=CATEGORY,
    path="/catalogs/{catalogID}/categories",
    item="categoryID",
    within=IN_CATALOG,
    roles=Roles.named("Category"),
    access=Access(supplier=Right.WRITE, buyer=Right.READ),
    visible={UserType.BUYER: of_buyer('t."CatalogID"', 't."ID"')},
    verbs=CRUD - {Verb.LIST},
    search=("ID", "Name", "Description"),
    sort=("ID", "Name"),
    write_query=(QueryParameter("adjustListOrders", WireType("boolean")),),
    hooks=CategoryHooks(CatalogEditError, OWNER, "catalogID"),
)

CATALOG_ASSIGNMENTS = Assignment(
    name="Catalogs",
    model=CatalogAssignment,
    table="catalog_assignments",
    things=(Parent("CatalogID", "catalogs"),),
    levels=("Company",),
    kinds=("Buyer", "BuyerGroup"),
    path="/catalogs/assignments",
    delete_path="/catalogs/{catalogID}/assignments",
    roles=Roles.named("Catalog"),
    access=Access(supplier=Right.WRITE, buyer=Right.WRITE),
    visible={
        UserType.SUPPLIER: """EXISTS (SELECT 1 FROM catalogs c WHERE c.marketplace_id = :marketplace_id
            AND c."ID" = a."CatalogID" AND c."OwnerID" = :company)""",
        UserType.BUYER: 'a."BuyerID" = :company',
    },
    query=tuple(QueryParameter(name) for name in ("catalogID", "buyerID", "buyerGroupID")),
    delete_query=tuple(QueryParameter(name) for name in ("buyerID", "buyerGroupID")),
    hooks=CatalogAssignmentHooks(),
    feeds=(Feeds(feed=Feed.CATALOG, scope=EVERYBODY, changes=Changed.party),),
)
CATEGORY_ASSIGNMENTS = Assignment(
    name="Categories",
    model=CategoryAssignment,
    table="category_assignments",
    things=(Parent("CategoryID", "categories"),),
    within=IN_CATALOG,
    levels=("Group", "Company"),
    kinds=("Buyer",),
    path="/catalogs/{catalogID}/categories/assignments",
    delete_path="/catalogs/{catalogID}/categories/{categoryID}/assignments",
    roles=Roles.named("Category"),
    access=CATEGORIES.access,
    visible={UserType.BUYER: 'a."BuyerID" = :company'},
    query=(
        *(QueryParameter(name) for name in ("categoryID", "buyerID", "userGroupID")),
        QueryParameter("level", WireType("enum", enum=PartyType)),
    ),
    delete_query=tuple(QueryParameter(name) for name in ("buyerID", "userID", "userGroupID")),
    hooks=CategoryAssignmentHooks(),
    feeds=(Feeds(feed=Feed.CATALOG, scope=EVERYBODY, changes=Changed.party),),
)
RESOURCES = (CATALOGS, CATEGORIES)
ASSIGNMENTS = (CATALOG_ASSIGNMENTS, CATEGORY_ASSIGNMENTS)

"""Buyers, groups of buyers, suppliers, user groups (catalog spec sections 1 to 3)."""

from __future__ import annotations

from entrepot.declare.assignment import Assignment
from entrepot.declare.entity import Entity, Parent
from entrepot.declare.feeds import EVERYBODY, Changed, Feed, Feeds
from entrepot.declare.resource import Resource, Within
from entrepot.declare.roles import (
    BUYERS_THEMSELVES,
    OF_BUYERS,
    OF_SUPPLIERS,
    SELLERS_ONLY,
    SUPPLIERS_THEMSELVES,
    Roles,
)
from entrepot.declare.synced import Sweep, Synced, Thing
from entrepot.declare.types import Bool, Date, Id, Text, Xp
from entrepot.declare.wire import Reference, Wire, column
from entrepot.features.people.organizations.hooks import BuyerHooks, SupplierHooks, UserGroupHooks
from entrepot.features.people.organizations.numbers import AUDIENCE_NUMBER
from entrepot.features.people.organizations.serving import SERVED_BUYERS, SERVING_SUPPLIERS
from entrepot.kernel.user_types import UserType


class BuyerGroup(Wire):
    """A group of buyers that share a default catalog and assignments."""

    ID: Id = column(max=100)
    Name: Text = column(required=True, max=100)
    Description: Text = column(max=2000)
    DefaultCatalogID: Id = column(references=Reference("catalogs", on_delete="clear"))
    xp: Xp = column()


class Buyer(Wire):
    """An organization that buys from the marketplace."""

    ID: Id = column(max=100)
    Name: Text = column(required=True, max=100)
    DefaultCatalogID: Id = column(references=Reference("catalogs", on_delete="refuse"))
    Active: Bool = column()
    DateCreated: Date = column(read_only=True)
    xp: Xp = column()
    GroupID: Id = column(references=Reference("buyer_groups", on_delete="clear"))


class Supplier(Wire):
    """An organization that sells through the marketplace."""

    ID: Id = column(max=100)
    Name: Text = column(required=True, max=100)
    Active: Bool = column()
    DateCreated: Date = column(read_only=True)
    AllBuyersCanOrder: Bool = column()
    xp: Xp = column()


class UserGroup(Wire):
    """A group of users of one company."""

    ID: Id = column(max=100)
    Name: Text = column(required=True, max=100)
    Description: Text = column(max=2000)
    xp: Xp = column()


class SupplierBuyerRelationship(Wire):
    """The row that ties a buyer to a supplier; the wire shows one end of it at a time."""

    SupplierID: Id = column(required=True)
    BuyerID: Id = column(required=True)


STANDING = Feeds(feed=Feed.SECURITY, columns=("ID", "Active"), new_rows=False)
"""What a company gives to its users: access, while it is active (BUY-4), and its ID."""
OF_COMPANY = """
SELECT json_build_array(t."BuyerID", t."SupplierID", t."ID") FROM {} t WHERE t.marketplace_id = $1 AND t."{}" = $2
"""
PRODUCTS_OF = """
SELECT DISTINCT ON (t."ProductID") json_build_array(t."ProductID") FROM {} t WHERE t.marketplace_id = $1 AND t.{} = $2
"""
BUYER_GROUP = Entity(
    model=BuyerGroup,
    table="buyer_groups",
    object_type="BuyerGroup",
    feeds=(Feeds(feed=Feed.CATALOG, columns=("ID", "DefaultCatalogID"), new_rows=False, scope=EVERYBODY),),
)
BUYER = Entity(
    model=Buyer,
    table="buyers",
    object_type="Buyer",
    stored=(AUDIENCE_NUMBER,),
    feeds=(
        STANDING,
        Feeds(
            feed=Feed.CATALOG,
            columns=("ID", "DefaultCatalogID", "GroupID"),
            new_rows=False,
            scope=EVERYBODY,
            changes=lambda row: Changed(buyers=frozenset({row["ID"]})),
        ),
    ),
    synced=(Synced(of=Thing.BUYERS, by=("ID",), itself=("ID",), quiet=("number",)),),
    sweeps=(
        Sweep(tables=("users",), of=Thing.USERS, find=OF_COMPANY.format("users", "BuyerID"), gone=True),
        Sweep(
            tables=("user_groups",),
            of=Thing.USER_GROUPS,
            find=OF_COMPANY.format("user_groups", "BuyerID"),
            gone=True,
        ),
        Sweep(
            tables=("product_assignments",),
            of=Thing.PRODUCTS,
            find=PRODUCTS_OF.format("product_assignments", '"BuyerID"'),
        ),
    ),
)
SUPPLIER = Entity(
    model=Supplier,
    table="suppliers",
    object_type="Supplier",
    feeds=(STANDING,),
    synced=(Synced(of=Thing.SUPPLIERS, by=("ID",), itself=("ID",)),),
    sweeps=(
        Sweep(tables=("users",), of=Thing.USERS, find=OF_COMPANY.format("users", "SupplierID"), gone=True),
        Sweep(
            tables=("product_assignments",),
            of=Thing.PRODUCTS,
            find=PRODUCTS_OF.format("product_assignments", '"SellerID"'),
        ),
        Sweep(
            tables=("product_suppliers",),
            of=Thing.PRODUCTS,
            find=PRODUCTS_OF.format("product_suppliers", '"SupplierID"'),
        ),
    ),
)
USER_GROUP = Entity(
    model=UserGroup,
    table="user_groups",
    object_type="UserGroup",
    owners=(Parent("BuyerID", "buyers"), Parent("SupplierID", "suppliers")),
    # What goes along with a group was its members'.
    feeds=(Feeds(feed=Feed.CATALOG, columns=(), new_rows=False, changes=Changed.party),),
    synced=(
        Synced(
            of=Thing.USER_GROUPS,
            by=("key", "BuyerID", "SupplierID", "ID"),
            itself=("BuyerID", "SupplierID", "ID"),
            when='{t}."BuyerID" IS NOT NULL',
        ),
        Synced(of=Thing.PARTIES, by=("key",), columns=("ID",), new_rows=False),
    ),
    sweeps=(
        Sweep(
            tables=("product_assignments",),
            of=Thing.PRODUCTS,
            find=PRODUCTS_OF.format("product_assignments", "group_key"),
            by=("key",),
        ),
    ),
)

BUYER_GROUPS = Resource(
    name="BuyerGroups",
    entity=BUYER_GROUP,
    path="/buyergroups",
    item="buyerGroupID",
    roles=Roles.named("Buyer"),
    access=SELLERS_ONLY,
    search=("ID", "Name"),
    sort=("ID", "Name"),
)
BUYERS = Resource(
    name="Buyers",
    entity=BUYER,
    path="/buyers",
    item="buyerID",
    roles=Roles.named("Buyer"),
    access=BUYERS_THEMSELVES,
    company=True,
    visible={UserType.SUPPLIER: SERVED_BUYERS},
    search=("Name", "ID"),
    sort=("ID", "Name", "DateCreated"),
    hooks=BuyerHooks(),
)
SUPPLIERS = Resource(
    name="Suppliers",
    entity=SUPPLIER,
    path="/suppliers",
    item="supplierID",
    roles=Roles.named("Supplier"),
    access=SUPPLIERS_THEMSELVES,
    company=True,
    visible={UserType.BUYER: SERVING_SUPPLIERS},
    search=("Name", "ID"),
    sort=("ID", "Name", "DateCreated"),
    hooks=SupplierHooks(),
)
IN_BUYER = (Within("buyerID", "BuyerID", BUYERS),)
IN_SUPPLIER = (Within("supplierID", "SupplierID", SUPPLIERS),)

USER_GROUPS = Resource(
    name="UserGroups",
    entity=USER_GROUP,
    path="/buyers/{buyerID}/usergroups",
    item="userGroupID",
    within=IN_BUYER,
    roles=Roles.named("UserGroup"),
    access=OF_BUYERS,
    search=("ID", "Name", "Description"),
    sort=("Name", "ID"),
    hooks=UserGroupHooks(),
)
SUPPLIER_USER_GROUPS = Resource(
    name="SupplierUserGroups",
    entity=USER_GROUP,
    path="/suppliers/{supplierID}/usergroups",
    item="userGroupID",
    within=IN_SUPPLIER,
    roles=Roles.named("SupplierUserGroup"),
    access=OF_SUPPLIERS,
    search=("ID", "Name", "Description"),
    sort=("Name", "ID"),
    hooks=UserGroupHooks(),
)
ADMIN_USER_GROUPS = Resource(
    name="AdminUserGroups",
    entity=USER_GROUP,
    path="/usergroups",
    item="userGroupID",
    roles=Roles.named("AdminUserGroup"),
    access=SELLERS_ONLY,
    search=("ID", "Name", "Description"),
    sort=("Name", "ID"),
    hooks=UserGroupHooks(),
)

SUPPLIER_BUYERS = Assignment(
    name="Suppliers",
    model=SupplierBuyerRelationship,
    table="supplier_buyers",
    things=(Parent("SupplierID", "suppliers"),),
    levels=("Company",),
    kinds=("Buyer",),
    path="",
    delete_path="",
    roles=SUPPLIERS.roles,
    verbs=frozenset(),
)

RESOURCES = (BUYER_GROUPS, BUYERS, SUPPLIERS, USER_GROUPS, SUPPLIER_USER_GROUPS, ADMIN_USER_GROUPS)
ASSIGNMENTS = (SUPPLIER_BUYERS,)

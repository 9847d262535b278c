"""Product collections: lists of products that a buyer's user keeps and shares (catalog spec section 14)."""

from __future__ import annotations

import enum
from dataclasses import replace

from entrepot.declare.assignment import Assignment
from entrepot.declare.entity import Entity, Index, Parent, Stored
from entrepot.declare.resource import READ, Resource
from entrepot.declare.roles import Access, Right, Roles
from entrepot.declare.types import Bool, Date, Id, Int, Text, Xp
from entrepot.declare.wire import Wire, column
from entrepot.features.catalog.collections.hooks import CollectionHooks
from entrepot.features.people.organizations.resources import IN_BUYER


class AccessLevel(enum.StrEnum):
    """Who reads a collection beside its owner and those who accepted an invitation (COL-2)."""

    PRIVATE = "Private"
    PUBLIC = "Public"
    SHAREABLE = "Shareable"


class ProductCollection(Wire):
    """A list of products that belongs to a user of a buyer."""

    ID: Id = column()
    Name: Text = column(required=True, max=100)
    xp: Xp = column()
    AccessLevel: AccessLevel = column()


class ProductCollectionEntry(Wire):
    """A product in a collection, and its place there."""

    ProductID: Id = column(required=True)
    ListOrder: Int = column(nullable=True)


class ProductCollectionInvitation(Wire):
    """What another user of the buyer joins a collection with (COL-5)."""

    ID: Id = column(read_only=True)
    Name: Text = column(required=True, max=100)
    Admin: Bool = column()
    Accepted: Bool = column(read_only=True)
    ExpirationDate: Date = column(nullable=True)
    xp: Xp = column()


PRODUCT_COLLECTION = Entity(
    model=ProductCollection,
    table="product_collections",
    object_type="ProductCollection",
    owners=(Parent("BuyerID", "buyers"),),
    stored=(Stored(name="user_key", type="bigint", references="users"),),
    indexes=(
        Index("ix_product_collections_name", '"BuyerID", lower("Name"), "ID"'),
        Index("ix_product_collections_public", '"BuyerID"', where="\"AccessLevel\" = 'Public'"),
    ),
)
"""`user_key` is the owner; null where a marketplace was cloned from a server that does not tell."""
INVITATION = Entity(
    model=ProductCollectionInvitation,
    table="product_collection_invitations",
    object_type="ProductCollectionInvitation",
    parents=(Parent("ProductCollectionID", "product_collections", key="collection_key"),),
    stored=(Stored(name="user_key", type="bigint", references="users"),),
)
"""`user_key` is who has accepted it."""
ENTRIES = Assignment(
    name="ProductCollections",
    model=ProductCollectionEntry,
    table="product_collection_entries",
    things=(
        Parent("ProductCollectionID", "product_collections", key="collection_key"),
        Parent("ProductID", "products"),
    ),
    stored=(Stored(name="date_added", type="timestamptz", nullable=False),),
    path="",
    delete_path="",
    roles=Roles.of(read=(), write=()),
    verbs=frozenset(),
)

COLLECTIONS = Resource(
    name="ProductCollections",
    entity=PRODUCT_COLLECTION,
    path="/buyers/{buyerID}/productcollections",
    item="productCollectionID",
    within=IN_BUYER,
    roles=Roles.of(read=("ProductCollectionReader",), write=()),
    access=Access(supplier=Right.READ, buyer=Right.READ),
    verbs=READ,
    search=("ID", "Name"),
    sort=("Name", "ID"),
)
"""The view of administrators, also of suppliers of the buyers that they serve (COL-6); not registered, its objects are made
under /me."""
MY_COLLECTIONS = replace(
    COLLECTIONS,
    path="/me/productcollections",
    roles=Roles.of(read=("Shopper",), write=("Shopper",)),
    implied=lambda caller: {"buyerID": caller.company_id},
    hooks=CollectionHooks(),
)
"""The view of a buyer's users: within the caller's buyer, which the path does not name; not registered either."""
ENTITIES = (PRODUCT_COLLECTION, INVITATION)
ASSIGNMENTS = (ENTRIES,)

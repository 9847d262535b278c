"""Discounts on prices and their assignments (catalog spec DSC-1)."""

from __future__ import annotations

from entrepot.declare.assignment import Assignment
from entrepot.declare.entity import Entity, Parent
from entrepot.declare.feeds import EVERYBODY, Changed, Feed, Feeds
from entrepot.declare.operation import QueryParameter
from entrepot.declare.resource import Resource
from entrepot.declare.roles import SELLERS_ONLY, Roles
from entrepot.declare.types import Id, Int, Money, Text, WireType, Xp
from entrepot.declare.wire import Reference, Wire, column
from entrepot.features.catalog.discounts.hooks import DiscountHooks
from entrepot.features.people.organizations.enums import PartyType


class DiscountBreak(Wire):
    """How much is taken off from a quantity on, in percent."""

    Quantity: Int = column()
    Amount: Money = column()


class Discount(Wire):
    """A discount in percent on the prices of a catalog, a category, a product, or of everything."""

    ID: Id = column(max=100)
    Description: Text = column(max=2000)
    DiscountBreaks: list[DiscountBreak] = column(required=True)
    ProductFilter: Text = column(max=2000)
    CatalogID: Id = column(references=Reference("catalogs"))
    CategoryID: Id = column(references=Reference("categories"))
    ProductID: Id = column(references=Reference("products"))
    Priority: Int = column(nullable=True)
    xp: Xp = column()


class DiscountAssignment(Wire):
    """A discount given to a buyer, a user group of it, or a group of buyers."""

    DiscountID: Id = column(required=True)
    BuyerGroupID: Id = column()
    BuyerID: Id = column()
    UserGroupID: Id = column()


DISCOUNT = Entity(
    model=Discount,
    table="discounts",
    object_type="Discount",
    # Shoppers are remembered with those that reach them. A new one reaches nobody yet.
    feeds=(Feeds(feed=Feed.CATALOG, new_rows=False, scope=EVERYBODY),),
)
DISCOUNTS = Resource(
    name="Discounts",
    entity=DISCOUNT,
    path="/discounts",
    item="discountID",
    roles=Roles.named("PriceSchedule"),
    access=SELLERS_ONLY,
    sort=("ID", "Priority"),
    hooks=DiscountHooks(),
)
DISCOUNT_ASSIGNMENTS = Assignment(
    name="Discounts",
    model=DiscountAssignment,
    table="discount_assignments",
    things=(Parent("DiscountID", "discounts"),),
    levels=("Group", "Company"),
    kinds=("Buyer", "BuyerGroup"),
    path="/discounts/assignments",
    delete_path="/discounts/{discountID}/assignments",
    roles=DISCOUNTS.roles,
    access=SELLERS_ONLY,
    query=(
        *(QueryParameter(name) for name in ("discountID", "buyerID", "userGroupID", "buyerGroupID")),
        QueryParameter("level", WireType("enum", enum=PartyType)),
    ),
    delete_query=tuple(QueryParameter(name) for name in ("buyerID", "userGroupID", "buyerGroupID")),
    feeds=(Feeds(feed=Feed.CATALOG, scope=EVERYBODY, changes=Changed.party),),
)
RESOURCES = (DISCOUNTS,)
ASSIGNMENTS = (DISCOUNT_ASSIGNMENTS,)

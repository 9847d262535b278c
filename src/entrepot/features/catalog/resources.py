"""Catalogs and who sees them: the tables that buyers' default catalogs live in (BUY-1).

The routes of catalogs are not built yet.
"""

from __future__ import annotations

from entrepot.declare.assignment import Assignment
from entrepot.declare.entity import Entity, Parent
from entrepot.declare.roles import Roles
from entrepot.declare.types import Bool, Id, Int, Text, Xp
from entrepot.declare.wire import Reference, Wire, column


class Catalog(Wire):
    """A tree of categories with the products in it."""

    ID: Id = column(max=100)
    OwnerID: Id = column(references=Reference("suppliers", on_delete="hand_over"))
    Name: Text = column(required=True, max=100)
    Description: Text = column(max=2000)
    Active: Bool = column()
    CategoryCount: Int = column(read_only=True, computed="SELECT 0")
    xp: Xp = column()


class CatalogAssignment(Wire):
    """A catalog that a buyer, or a group of buyers, may shop in."""

    CatalogID: Id = column(required=True)
    BuyerID: Id = column(required=True)
    ViewAllCategories: Bool = column()
    ViewAllProducts: Bool = column()
    BuyerGroupID: Id = column(references=Reference("buyer_groups"))


CATALOG = Entity(model=Catalog, table="catalogs", object_type="Catalog")
CATALOG_ASSIGNMENTS = Assignment(
    name="Catalogs",
    model=CatalogAssignment,
    table="catalog_assignments",
    things=(Parent("CatalogID", "catalogs"),),
    levels=("Company",),
    kinds=("Buyer", "Seller"),
    path="/catalogs/assignments",
    delete_path="/catalogs/{catalogID}/assignments",
    roles=Roles.named("Catalog"),
    verbs=frozenset(),
)
ENTITIES = (CATALOG,)
ASSIGNMENTS = (CATALOG_ASSIGNMENTS,)

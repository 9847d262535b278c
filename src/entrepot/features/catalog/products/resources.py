"""Products, the suppliers that sell them, and the buyers that may see them (catalog spec sections 3 and 6)."""

from __future__ import annotations

from entrepot.declare.assignment import Assignment
from entrepot.declare.entity import Entity, Index, Parent, Stored, TextFields
from entrepot.declare.feeds import Changed, Feed, Feeds
from entrepot.declare.operation import QueryParameter
from entrepot.declare.resource import CRUD, Resource, Verb, Within
from entrepot.declare.roles import Access, Right, Roles
from entrepot.declare.synced import Synced, Thing
from entrepot.declare.types import Bool, Date, Id, Int, Money, Text, WireType, Xp
from entrepot.declare.wire import Reference, Wire, column
from entrepot.features.catalog.audience.seen import meant, seen
from entrepot.features.catalog.products.hooks import ProductHooks
from entrepot.features.catalog.products.sellers import SOLD_OR_OFFERED
from entrepot.features.people.organizations.enums import PartyType
from entrepot.features.people.organizations.numbers import PRODUCT_NUMBER
from entrepot.kernel.user_types import UserType

SHIP_FROM = (
    'SELECT ad."ID" FROM addresses ad WHERE ad.marketplace_id = :marketplace_id AND ad.key = t.ship_from_key'
)
"""The address itself is stored by its key: so the property follows a rename, and is null when the address is gone."""
SELLER_OF_ROW = """coalesce(a."SellerID",
    (SELECT mp."ID" FROM marketplaces mp WHERE mp.marketplace_id = :marketplace_id))"""
OWN_ROWS = """a."SellerID" = :company
    OR EXISTS (SELECT 1 FROM products p
               WHERE p.marketplace_id = :marketplace_id AND p."ID" = a."ProductID" AND p."OwnerID" = :company)"""
"""What a supplier lists: rows it sells by, and all rows of its own products."""


class Inventory(Wire):
    """How many of a product are there, and whether anybody counts (INV-1, INV-2)."""

    Enabled: Bool = column()
    NotificationPoint: Int = column(nullable=True)
    VariantLevelTracking: Bool = column()
    OrderCanExceed: Bool = column()
    QuantityAvailable: Int = column(nullable=True)
    LastUpdated: Date = column(read_only=True, nullable=True)


class Product(Wire):
    """Something that is sold. A child's properties show its parent's values where it has none of its own (PRD-6)."""

    OwnerID: Id = column(references=Reference("suppliers", on_delete="hand_over"))
    DefaultPriceScheduleID: Id = column(references=Reference("price_schedules", on_delete="clear"))
    AutoForward: Bool = column()
    ID: Id = column(max=100)
    ParentID: Id = column(references=Reference("products", on_delete="refuse"))
    IsParent: Bool = column()
    IsBundle: Bool = column(read_only=True)
    Name: Text = column(required=True, max=100)
    Description: Text = column(max=2000)
    QuantityMultiplier: Int = column(nullable=True, default=1, minimum=1)
    ShipWeight: Money = column(nullable=True)
    ShipHeight: Money = column(nullable=True)
    ShipWidth: Money = column(nullable=True)
    ShipLength: Money = column(nullable=True)
    Active: Bool = column()
    SpecCount: Int = column(read_only=True)
    VariantCount: Int = column(read_only=True)
    ShipFromAddressID: Id = column(computed=SHIP_FROM)
    Inventory: Inventory = column()
    DefaultSupplierID: Id = column(references=Reference("suppliers", on_delete="clear"))
    AllSuppliersCanSell: Bool = column()
    Returnable: Bool = column()
    DateCreated: Date = column(read_only=True, nullable=True)
    xp: Xp = column()


class ProductSupplierRow(Wire):
    """That a supplier sells a product (SUP-3); the wire shows it with the supplier's own properties."""

    ProductID: Id = column(required=True)
    SupplierID: Id = column(required=True)
    DefaultPriceScheduleID: Id = column(references=Reference("price_schedules", on_delete="clear"))


class ProductAssignment(Wire):
    """A product given to a buyer or a group of its users by a seller, perhaps at a price (PAS-1)."""

    SellerID: Id = column(references=Reference("suppliers", on_delete="cascade"))
    ProductID: Id = column(required=True)
    BuyerID: Id = column(required=True)
    UserGroupID: Id = column()
    PriceScheduleID: Id = column(references=Reference("price_schedules", on_delete="cascade"))


PRODUCT = Entity(
    model=Product,
    table="products",
    object_type="Product",
    room=15,
    stored=(
        Stored(name="own", type="json"),
        Stored(name="ship_from_key", type="bigint"),
        Stored(
            name="inherited_price_schedule", type="citext", references="price_schedules", on_delete="clear"
        ),
        Stored(name="written_quantity", type="bigint"),
        Stored(name="audience", type="bigint[]", nullable=False, default="'{}'"),
        PRODUCT_NUMBER,
    ),
    indexes=(
        Index("ix_products_audience", "audience", method="gin"),
        Index("uq_products_number", "number", unique=True),
        Index("ix_products_name", 'lower("Name"), "ID"'),
    ),
    text=TextFields(names=("ID", "Name", "Description"), prominent=("ID", "Name")),
    feeds=(
        Feeds(
            feed=Feed.CATALOG,
            quiet=("Inventory", "written_quantity"),
            new_rows=False,
            scope=Changed(products=None),
            changes=lambda row: Changed(products=frozenset({row["number"]})),
            # Products are filtered by their bundles, also by one that nobody sees.
            unless=lambda row: not row["audience"] and not row["IsBundle"],
        ),
    ),
    synced=(
        Synced(
            of=Thing.PRODUCTS,
            by=("ID",),
            itself=("ID",),
            quiet=("audience", "own", "written_quantity", "number"),
        ),
    ),
)
"""The columns of a child hold the merged values, `own` what the child itself has set (domain/catalog/inheritance.py);
it is null for all others. Only DefaultPriceScheduleID is always the product's own, because of the order of prices
(PRC-2); `inherited_price_schedule` is what a child without one shows. `written_quantity` is the quantity that was last
written while the shown one is a sum over inventory records (IRC-3) or variants, else null. `audience` tells who may see
the product (features/catalog/audience)."""

PRODUCTS = Resource(
    name="Products",
    entity=PRODUCT,
    path="/products",
    item="productID",
    roles=Roles.of(
        read=("ProductAdmin", "ProductReader"),
        write=("ProductAdmin",),
        assign=("ProductAdmin", "ProductAssignmentAdmin"),
        list_assignments=("ProductAdmin", "ProductAssignmentAdmin", "ProductReader"),
    ),
    access=Access(supplier=Right.WRITE, buyer=Right.READ),
    visible={UserType.SUPPLIER: SOLD_OR_OFFERED, UserType.BUYER: seen()},
    verbs=CRUD - {Verb.LIST},
    hooks=ProductHooks(),
)
OF_PRODUCT = (Synced(of=Thing.PRODUCTS, by=("ProductID",)),)
"""Rows that are a part of what is synchronized as a product."""
IN_PRODUCT = (Within("productID", "ProductID", PRODUCTS),)

PRODUCT_SUPPLIERS = Assignment(
    name="Products",
    model=ProductSupplierRow,
    table="product_suppliers",
    things=(Parent("ProductID", "products"),),
    levels=("Company",),
    kinds=("Supplier",),
    path="",
    delete_path="",
    roles=PRODUCTS.roles,
    verbs=frozenset(),
    synced=OF_PRODUCT,
)
PRODUCT_ASSIGNMENTS = Assignment(
    name="Products",
    model=ProductAssignment,
    table="product_assignments",
    things=(Parent("ProductID", "products"),),
    levels=("Group", "Company"),
    kinds=("Buyer",),
    keys=("SellerID",),
    path="/products/assignments",
    delete_path="/products/{productID}/assignments/{buyerID}",
    roles=PRODUCTS.roles,
    access=PRODUCTS.access,
    verbs=frozenset({"List"}),
    query=(
        *(QueryParameter(name) for name in ("productID", "priceScheduleID", "buyerID", "userGroupID")),
        QueryParameter("level", WireType("enum", enum=PartyType)),
    ),
    computed={"SellerID": SELLER_OF_ROW},
    visible={UserType.SUPPLIER: OWN_ROWS, UserType.BUYER: meant("a")},
    feeds=(Feeds(feed=Feed.CATALOG, scope=Changed(products=None, users=None)),),
    synced=OF_PRODUCT,
)
"""One row per product, party and seller. The stored SellerID is null where the seller is the marketplace owner; the wire
shows the owner's ID."""
RESOURCES = (PRODUCTS,)
ASSIGNMENTS = (PRODUCT_SUPPLIERS, PRODUCT_ASSIGNMENTS)

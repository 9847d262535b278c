"""Price schedules (catalog spec section 9)."""

from __future__ import annotations

from entrepot.declare.entity import Entity, Stored
from entrepot.declare.resource import Resource
from entrepot.declare.roles import Access, Right, Roles
from entrepot.declare.synced import Synced, Thing
from entrepot.declare.types import Bool, Date, Id, Int, Money, Text, Xp
from entrepot.declare.wire import Reference, Wire, column
from entrepot.features.catalog.audience.seen import meant, seen
from entrepot.features.catalog.pricing.hooks import PriceScheduleHooks
from entrepot.features.people.organizations.serving import serves
from entrepot.features.people.ownership import OWN_OR_SELLERS
from entrepot.kernel.errors import ModifyPriceScheduleError
from entrepot.kernel.user_types import UserType


class PriceBreak(Wire):
    """The unit prices from a quantity on."""

    Quantity: Int = column(required=True, minimum=0)
    Price: Money = column(required=True)
    SalePrice: Money = column(nullable=True)
    SubscriptionPrice: Money = column(nullable=True)
    BundlePrice: Money = column(nullable=True)


class PriceSchedule(Wire):
    """Prices by quantity, and the quantities that may be ordered."""

    OwnerID: Id = column(references=Reference("suppliers", on_delete="hand_over"))
    ID: Id = column(max=100)
    Name: Text = column(required=True, max=100)
    ApplyTax: Bool = column()
    ApplyShipping: Bool = column()
    MinQuantity: Int = column(nullable=True, default=1, minimum=1)
    MaxQuantity: Int = column(nullable=True)
    UseCumulativeQuantity: Bool = column()
    RestrictedQuantity: Bool = column()
    PriceBreaks: list[PriceBreak] = column()
    Currency: Text = column(max=100)
    SaleStart: Date = column(nullable=True)
    SaleEnd: Date = column(nullable=True)
    IsOnSale: Bool = column(read_only=True, stored=False)
    xp: Xp = column()


PRICE_SCHEDULE = Entity(
    model=PriceSchedule,
    table="price_schedules",
    object_type="PriceSchedule",
    room=15,
    stored=(Stored(name="has_sale_price", type="boolean", nullable=False, default="false"),),
    synced=(Synced(of=Thing.PRICE_SCHEDULES, by=("ID",), new_rows=False),),
)
SHOWN = f"""EXISTS (
    SELECT 1 FROM product_assignments pa
    JOIN products p ON p.marketplace_id = :marketplace_id AND pa."ProductID" IN (p."ID", p."ParentID")
    WHERE pa.marketplace_id = :marketplace_id AND pa."PriceScheduleID" = t."ID" AND {meant("pa")} AND {seen("p")})
 OR EXISTS (
    SELECT 1 FROM products p
    WHERE p.marketplace_id = :marketplace_id AND (p."DefaultPriceScheduleID" = t."ID" OR p.inherited_price_schedule = t."ID")
      AND {seen("p")})
 OR EXISTS (
    SELECT 1 FROM product_suppliers ps
    JOIN suppliers s ON s.marketplace_id = :marketplace_id AND s."ID" = ps."SupplierID"
     AND {serves("s", ":company")}
    JOIN products p ON p.marketplace_id = :marketplace_id AND ps."ProductID" IN (p."ID", p."ParentID")
    WHERE ps.marketplace_id = :marketplace_id AND ps."DefaultPriceScheduleID" = t."ID" AND {seen("p")})"""
"""What a buyer's user sees: the prices of products that it sees, those of other buyers never."""
PRICE_SCHEDULES = Resource(
    name="PriceSchedules",
    entity=PRICE_SCHEDULE,
    path="/priceschedules",
    item="priceScheduleID",
    roles=Roles.named("PriceSchedule"),
    access=Access(supplier=Right.WRITE, buyer=Right.READ),
    visible={UserType.SUPPLIER: OWN_OR_SELLERS, UserType.BUYER: SHOWN},
    search=("ID", "Name", "ApplyTax", "Currency"),
    sort=("Name", "ID", "OwnerID"),
    hooks=PriceScheduleHooks(ModifyPriceScheduleError),
)
RESOURCES = (PRICE_SCHEDULES,)

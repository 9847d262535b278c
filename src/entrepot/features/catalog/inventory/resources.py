"""Inventory records: where a product's stock, or a variant's, lies (catalog spec section 12)."""

from __future__ import annotations

from dataclasses import replace

from entrepot.declare.assignment import Assignment
from entrepot.declare.entity import Entity, Parent, Stored
from entrepot.declare.operation import QueryParameter
from entrepot.declare.resource import Resource, Within
from entrepot.declare.roles import Access, Right, Roles
from entrepot.declare.synced import Synced, Thing
from entrepot.declare.types import Bool, Date, Id, Int, WireType, Xp
from entrepot.declare.wire import Reference, Wire, column
from entrepot.features.catalog.audience.seen import meant
from entrepot.features.catalog.inventory.address_text import address_object
from entrepot.features.catalog.inventory.hooks import InventoryRecordHooks, RecordAssignmentHooks
from entrepot.features.catalog.products.resources import IN_PRODUCT, OF_PRODUCT
from entrepot.features.catalog.products.variants import VARIANTS
from entrepot.features.people.company_assets.resources import Address
from entrepot.features.people.organizations.enums import PartyType
from entrepot.kernel.sql import Sql
from entrepot.kernel.user_types import UserType

ADDRESS_ID = (
    'SELECT ad."ID" FROM addresses ad WHERE ad.marketplace_id = :marketplace_id AND ad.key = t.address_key'
)
ADDRESS = f"""
SELECT {address_object("ad")} FROM addresses ad WHERE ad.marketplace_id = :marketplace_id AND ad.key = t.address_key
"""


def kept_or_of_own_product(record: str) -> Sql:
    """What a supplier sees: the records it keeps, and all those of its own products."""
    return Sql(f"""{record}."OwnerID" = :company OR EXISTS (
    SELECT 1 FROM products op WHERE op.marketplace_id = :marketplace_id AND op."ID" = {record}."ProductID"
      AND op."OwnerID" = :company)""")


IS_MEANT = f"""t."AllowAllBuyers" OR EXISTS (
    SELECT 1 FROM inventory_record_assignments ra
    WHERE ra.marketplace_id = :marketplace_id AND ra.record_key = t.key AND {meant("ra")})"""
"""What a buyer's user sees: the records that it may order from (IRC-4)."""


class InventoryRecord(Wire):
    """How many of a product, or of a variant, are at one address."""

    ID: Id = column(max=100)
    OwnerID: Id = column(references=Reference("suppliers", on_delete="hand_over"))
    AllowAllBuyers: Bool = column(default=True)
    Address: Address = column(read_only=True, computed=ADDRESS)
    AddressID: Id = column(required=True, computed=ADDRESS_ID)
    OrderCanExceed: Bool = column()
    QuantityAvailable: Int = column()
    NotificationPoint: Int = column(nullable=True)
    LastUpdated: Date = column(read_only=True)
    xp: Xp = column()


class InventoryRecordAssignment(Wire):
    """A record that a buyer, or a group of its users, may order from (IRC-4)."""

    InventoryRecordID: Id = column(required=True)
    BuyerID: Id = column(required=True)
    UserGroupID: Id = column()


INVENTORY_RECORD = Entity(
    model=InventoryRecord,
    table="inventory_records",
    object_type="InventoryRecord",
    parents=(Parent("ProductID", "products"),),
    owners=(Parent("VariantID", "variants"),),
    stored=(
        Stored(name="address_key", type="bigint", nullable=False, references="addresses", on_delete="refuse"),
    ),
    synced=(Synced(of=Thing.INVENTORY_RECORDS, by=("key",), itself=("key",)), *OF_PRODUCT),
)
"""A record without a variant is the product's own."""

OF_PRODUCTS = Resource(
    name="InventoryRecords",
    entity=INVENTORY_RECORD,
    path="/products/{productID}/inventoryrecords",
    item="inventoryRecordID",
    within=IN_PRODUCT,
    roles=Roles.named("Product"),
    access=Access(supplier=Right.WRITE, buyer=Right.READ),
    visible={UserType.SUPPLIER: kept_or_of_own_product("t"), UserType.BUYER: IS_MEANT},
    search=("ID", "AddressID"),
    sort=("ID", "AddressID"),
    query=(QueryParameter("includeAddress", WireType("boolean")),),
    narrow={"includeAddress": "true"},
    hooks=InventoryRecordHooks(),
)
IN_VARIANT = (*IN_PRODUCT, Within("variantID", "VariantID", VARIANTS))
OF_VARIANTS = replace(
    OF_PRODUCTS, path="/products/{productID}/variants/{variantID}/inventoryrecords", within=IN_VARIANT
)
"""How the records of a variant show themselves; its operations have names of their own (operations.py)."""

ASSIGNMENTS_OF_PRODUCTS = Assignment(
    name="InventoryRecords",
    model=InventoryRecordAssignment,
    table="inventory_record_assignments",
    things=(Parent("InventoryRecordID", "inventory_records", key="record_key"),),
    within=IN_PRODUCT,
    unset=("VariantID",),
    levels=("Group", "Company"),
    kinds=("Buyer",),
    path=f"{OF_PRODUCTS.path}/assignments",
    delete_path=f"{OF_PRODUCTS.path}/{{inventoryRecordID}}/assignments",
    roles=OF_PRODUCTS.roles,
    access=OF_PRODUCTS.access,
    visible={UserType.SUPPLIER: kept_or_of_own_product("t0"), UserType.BUYER: meant("a")},
    query=(
        *(QueryParameter(name) for name in ("buyerID", "inventoryRecordID", "userGroupID")),
        QueryParameter("level", WireType("enum", enum=PartyType)),
    ),
    delete_query=tuple(QueryParameter(name) for name in ("buyerID", "userID", "userGroupID")),
    hooks=RecordAssignmentHooks(),
)
ASSIGNMENTS_OF_VARIANTS = replace(
    ASSIGNMENTS_OF_PRODUCTS,
    noun="Variant",
    within=IN_VARIANT,
    unset=(),
    path=f"{OF_VARIANTS.path}/assignments",
    delete_path=f"{OF_VARIANTS.path}/{{inventoryRecordID}}/assignments",
)
"""Rows of the same table; not registered as one of its own."""
RESOURCES = (OF_PRODUCTS,)
ASSIGNMENTS = (ASSIGNMENTS_OF_PRODUCTS,)

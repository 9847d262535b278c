"""The suppliers that sell a product, and their default prices for it (SUP-3)."""

from __future__ import annotations

from typing import Any

from entrepot.declare.operation import ListOptions, Operation, QueryParameter, Reply, Returns, Unit, operation
from entrepot.declare.roles import Right
from entrepot.declare.types import Bool, Date, Id, Text, Xp
from entrepot.declare.wire import Wire, column
from entrepot.engine.access import allowed_types
from entrepot.engine.call import Call
from entrepot.engine.query import parameters
from entrepot.engine.scoping import require
from entrepot.engine.selections import SelectedList
from entrepot.features.catalog.products.default_suppliers import clear_default_supplier
from entrepot.features.catalog.products.resources import IN_PRODUCT, PRODUCTS
from entrepot.features.catalog.products.sellers import require_sellable
from entrepot.features.people.organizations.serving import serves
from entrepot.kernel.errors import (
    DefaultPriceScheduleError,
    ModifyProductError,
    NotFoundError,
    ValidationError,
)
from entrepot.kernel.user_types import UserType

PATH = "/products/{productID}/suppliers"
WRITERS = allowed_types(PRODUCTS.access, Right.WRITE)
SUPPLIERS_OF_PRODUCT = """
SELECT r."DefaultPriceScheduleID", s."ID", s."Name", s."Active", s."DateCreated", s."AllBuyersCanOrder", s.xp
FROM product_suppliers r
JOIN suppliers s ON s.marketplace_id = :marketplace_id AND s."ID" = r."SupplierID"
WHERE r.marketplace_id = :marketplace_id AND r."ProductID" = :product
"""
OF_ITSELF = f'{SUPPLIERS_OF_PRODUCT} AND r."SupplierID" = :supplier'
"""To a supplier the others do not exist (ORG-2)."""
SERVING_ITS_BUYER = f"{SUPPLIERS_OF_PRODUCT} AND {serves('s', ':buyer')}"
"""To a buyer those do from which it may order."""
SUPPLIER = 'SELECT "ID" FROM suppliers WHERE marketplace_id = $1 AND "ID" = $2'
PRICE = 'SELECT "ID", "OwnerID" FROM price_schedules WHERE marketplace_id = $1 AND "ID" = $2'
SAVE = """
INSERT INTO product_suppliers (marketplace_id, "ProductID", "SupplierID", "DefaultPriceScheduleID")
VALUES ($1, $2, $3, $4)
ON CONFLICT (marketplace_id, "ProductID", "SupplierID")
DO UPDATE SET "DefaultPriceScheduleID" = EXCLUDED."DefaultPriceScheduleID"
"""
REMOVE = 'DELETE FROM product_suppliers WHERE marketplace_id = $1 AND "ProductID" = $2 AND "SupplierID" = $3'
OPTIONS = ListOptions(search=("Name", "ID"), sort=("ID", "Name", "DateCreated"))


class ProductSupplier(Wire):
    """A supplier that sells a product, with its default price for it."""

    DefaultPriceScheduleID: Id = column()
    ID: Id = column(max=100)
    Name: Text = column(required=True, max=100)
    Active: Bool = column()
    DateCreated: Date = column(read_only=True)
    AllBuyersCanOrder: Bool = column()
    xp: Xp = column()


_all_suppliers = SelectedList(ProductSupplier, SUPPLIERS_OF_PRODUCT, OPTIONS)
_suppliers_of_buyer = SelectedList(ProductSupplier, SERVING_ITS_BUYER, OPTIONS)
_the_supplier_itself = SelectedList(ProductSupplier, OF_ITSELF, OPTIONS)


@operation(
    "Products.ListSuppliers",
    "GET",
    PATH,
    tag="Products",
    summary="List the suppliers that sell a product",
    roles=PRODUCTS.roles.read,
    user_types=allowed_types(PRODUCTS.access, Right.READ),
    lists=OPTIONS,
    returns=Returns(ProductSupplier, page=True),
    errors=(NotFoundError,),
    confirms=True,
    resource="Products",
    table="product_suppliers",
)
async def list_suppliers(call: Call) -> Reply:
    """Explicit relationships only; a supplier sees its own, a buyer those from which it may order. Two statements."""
    (product,) = await require(call, IN_PRODUCT)
    scope = {"product": product}
    match call.principal.user_type:
        case UserType.SUPPLIER:
            return await _the_supplier_itself.page(call, scope | {"supplier": call.principal.company_id})
        case UserType.BUYER:
            return await _suppliers_of_buyer.page(call, scope | {"buyer": call.principal.company_id})
        case _:
            return await _all_suppliers.page(call, scope)


@operation(
    "Products.SaveSupplier",
    "PUT",
    f"{PATH}/{{supplierID}}",
    tag="Products",
    summary="Let a supplier sell a product, or change its default price schedule for it",
    status=204,
    roles=PRODUCTS.roles.write,
    user_types=WRITERS,
    query=(QueryParameter("defaultPriceScheduleID"),),
    errors=(NotFoundError, ModifyProductError, DefaultPriceScheduleError),
    unit=Unit.WRITE,
    resource="Products",
    table="product_suppliers",
)
async def save_supplier(call: Call) -> Reply:
    """Idempotent; without a price schedule the supplier has none for the product (inferred from ASG-1)."""
    product = await require_sellable(call, call.path["productID"])
    supplier = await _named_supplier(call)
    price = parameters(call).get("defaultPriceScheduleID")
    if price:
        price = await _price_of(call, price, supplier)
    await call.db.execute(SAVE, call.marketplace_id, product, supplier, price)
    return Reply()


@operation(
    "Products.RemoveSupplier",
    "DELETE",
    f"{PATH}/{{supplierID}}",
    tag="Products",
    summary="Let a supplier sell a product no longer",
    status=204,
    roles=PRODUCTS.roles.write,
    user_types=WRITERS,
    errors=(NotFoundError, ValidationError),
    unit=Unit.WRITE,
    resource="Products",
    table="product_suppliers",
)
async def remove_supplier(call: Call) -> Reply:
    """404 where there is no relationship; it also ceases to be the default supplier (SUP-3)."""
    (product,) = await require(call, IN_PRODUCT)
    supplier = await _named_supplier(call)
    if await call.db.execute(REMOVE, call.marketplace_id, product, supplier) == "DELETE 0":
        raise NotFoundError(ProductSupplier.__name__, f"{product}/{supplier}")
    await clear_default_supplier(call, product, supplier)
    return Reply()


async def _named_supplier(call: Call) -> str:
    """The path's supplier as it is stored; a supplier knows only itself (ORG-2)."""
    wanted, own = call.path["supplierID"], call.principal.supplier_id
    stored: str | None = None
    if own is None or own.lower() == wanted.lower():
        stored = await call.db.fetchval(SUPPLIER, call.marketplace_id, wanted)
    if stored is None:
        raise NotFoundError("Supplier", wanted)
    return stored


async def _price_of(call: Call, price: str, supplier: str) -> str:
    """The price schedule as it is stored, which is the supplier's own, or the seller's where the seller calls."""
    row: Any = await call.db.fetchrow(PRICE, call.marketplace_id, price)
    own, sellers = supplier.lower(), call.principal.marketplace.lower()
    owner = "" if row is None else row["OwnerID"].lower()
    if row is None or (call.principal.supplier_id is not None and owner not in (own, sellers)):
        raise NotFoundError("PriceSchedule", price)
    if owner != own and (owner != sellers or call.principal.supplier_id is not None):
        raise DefaultPriceScheduleError({"PriceScheduleID": row["ID"]})
    stored: str = row["ID"]
    return stored


OPERATIONS: tuple[Operation, ...] = (list_suppliers, save_supplier, remove_supplier)

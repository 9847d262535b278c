"""Which buyers may order from which suppliers (BUY-6, SUP-2)."""

from __future__ import annotations

from entrepot.declare.operation import ListOptions, Reply, Returns, Unit, operation
from entrepot.declare.roles import Right, sufficient
from entrepot.declare.types import Id, Text
from entrepot.declare.wire import Wire, column
from entrepot.engine.access import allowed_types
from entrepot.engine.call import Call
from entrepot.engine.scoping import require
from entrepot.engine.selections import SelectedList
from entrepot.features.people.organizations.resources import BUYERS, IN_BUYER, IN_SUPPLIER, SUPPLIERS
from entrepot.features.people.organizations.serving import serves
from entrepot.kernel.errors import NotFoundError
from entrepot.kernel.user_types import UserType

SELLERS_OF_BUYER = f"""
SELECT mp."ID", mp."Name" FROM marketplaces mp WHERE mp.marketplace_id = :marketplace_id
UNION ALL
SELECT s."ID", s."Name" FROM suppliers s
WHERE s.marketplace_id = :marketplace_id AND s."Active" AND {serves("s", ":buyer")}
"""
BUYERS_OF_SUPPLIER = """
SELECT b."ID", b."Name" FROM supplier_buyers r
JOIN buyers b ON b.marketplace_id = :marketplace_id AND b."ID" = r."BuyerID"
WHERE r.marketplace_id = :marketplace_id AND r."SupplierID" = :supplier
"""
INSERT = """
INSERT INTO supplier_buyers (marketplace_id, "SupplierID", "BuyerID") VALUES ($1, $2, $3)
ON CONFLICT (marketplace_id, "SupplierID", "BuyerID") DO NOTHING
"""
DELETE = 'DELETE FROM supplier_buyers WHERE marketplace_id = $1 AND "SupplierID" = $2 AND "BuyerID" = $3'
COMPANIES = ListOptions(search=("ID", "Name"), sort=("Name", "ID"))


class BuyerSupplier(Wire):
    """A company that a buyer may order from: the marketplace owner or a supplier."""

    ID: Id = column(max=100)
    Name: Text = column(max=100)


class SupplierBuyer(Wire):
    """A buyer that may order directly from a supplier."""

    ID: Id = column(max=100)
    Name: Text = column(max=100)


_sellers_of_buyer = SelectedList(BuyerSupplier, SELLERS_OF_BUYER, COMPANIES)
_buyers_of_supplier = SelectedList(SupplierBuyer, BUYERS_OF_SUPPLIER, COMPANIES)


@operation(
    "Buyers.ListBuyerSellers",
    "GET",
    "/buyers/{buyerID}/sellers",
    tag="Buyers",
    summary="List the companies that a buyer may order from",
    roles=BUYERS.roles.read,
    user_types=allowed_types(BUYERS.access, Right.READ),
    lists=COMPANIES,
    returns=Returns(BuyerSupplier, page=True),
    errors=(NotFoundError,),
    confirms=True,
    resource="Buyers",
)
async def list_buyer_sellers(call: Call) -> Reply:
    """The marketplace owner, and every active supplier that is open to all buyers or to this one (BUY-6)."""
    (buyer,) = await require(call, IN_BUYER)
    return await _sellers_of_buyer.page(call, {"buyer": buyer})


@operation(
    "Me.ListBuyerSellers",
    "GET",
    "/me/sellers",
    tag="Me",
    summary="List the companies that the caller may order from",
    roles=sufficient("Shopper"),
    lists=COMPANIES,
    returns=Returns(BuyerSupplier, page=True),
    confirms=True,
)
async def list_my_sellers(call: Call) -> Reply:
    """As for the caller's buyer (BUY-6); who belongs to none finds the suppliers that are open to all buyers."""
    return await _sellers_of_buyer.page(call, {"buyer": call.principal.buyer_id})


@operation(
    "Suppliers.ListBuyers",
    "GET",
    "/suppliers/{supplierID}/buyers",
    tag="Suppliers",
    summary="List the buyers that have a relationship with a supplier",
    roles=SUPPLIERS.roles.read,
    user_types=frozenset({UserType.SELLER, UserType.SUPPLIER}),
    lists=COMPANIES,
    returns=Returns(SupplierBuyer, page=True),
    errors=(NotFoundError,),
    confirms=True,
    resource="Suppliers",
)
async def list_supplier_buyers(call: Call) -> Reply:
    """Explicit relationships only; a supplier sees its own (SUP-2). To a buyer the others do not exist (ORG-2)."""
    (supplier,) = await require(call, IN_SUPPLIER)
    return await _buyers_of_supplier.page(call, {"supplier": supplier})


@operation(
    "Suppliers.SaveBuyer",
    "PUT",
    "/suppliers/{supplierID}/buyers/{buyerID}",
    tag="Suppliers",
    summary="Let a buyer order directly from a supplier",
    status=204,
    roles=SUPPLIERS.roles.write,
    user_types=frozenset({UserType.SELLER}),
    errors=(NotFoundError,),
    unit=Unit.WRITE,
    resource="Suppliers",
)
async def save_supplier_buyer(call: Call) -> Reply:
    """Idempotent."""
    supplier, buyer = await _both_ends(call)
    await call.db.execute(INSERT, call.marketplace_id, supplier, buyer)
    return Reply()


@operation(
    "Suppliers.DeleteBuyer",
    "DELETE",
    "/suppliers/{supplierID}/buyers/{buyerID}",
    tag="Suppliers",
    summary="End the relationship of a buyer with a supplier",
    status=204,
    roles=SUPPLIERS.roles.write,
    user_types=frozenset({UserType.SELLER}),
    errors=(NotFoundError,),
    unit=Unit.WRITE,
    resource="Suppliers",
)
async def delete_supplier_buyer(call: Call) -> Reply:
    """404 where there is no relationship (CONV-6)."""
    supplier, buyer = await _both_ends(call)
    if await call.db.execute(DELETE, call.marketplace_id, supplier, buyer) == "DELETE 0":
        raise NotFoundError(SupplierBuyer.__name__, f"{supplier}/{buyer}")
    return Reply()


async def _both_ends(call: Call) -> tuple[str, str]:
    (supplier,) = await require(call, IN_SUPPLIER)
    (buyer,) = await require(call, IN_BUYER)
    return supplier, buyer

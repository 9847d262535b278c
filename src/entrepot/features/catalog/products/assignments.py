"""Products given to buyers and groups of their users, each by a seller, perhaps at a price (PAS-1 to PAS-4)."""

from __future__ import annotations

from typing import Any

from entrepot.declare.feeds import Changed
from entrepot.declare.operation import Body, Operation, QueryParameter, Reply, Unit, operation
from entrepot.declare.roles import Right
from entrepot.engine.access import allowed_types
from entrepot.engine.call import Call
from entrepot.engine.parties import named_party, resolve, with_levels
from entrepot.engine.query import parameters
from entrepot.engine.wire.models import validate
from entrepot.features.catalog.audience.tokens import refresh_products
from entrepot.features.catalog.products.resources import PRODUCT_ASSIGNMENTS, ProductAssignment
from entrepot.features.catalog.products.sellers import SOLD_OR_OFFERED, check_sellable
from entrepot.kernel.errors import (
    CurrencyMismatchError,
    InvalidBodyError,
    ModifyProductError,
    NoPriceBreaksError,
    NotFoundError,
    NotInBuyerCatalogError,
    PriceScheduleRequiredError,
    UserTypeError,
    ValidationError,
)
from entrepot.kernel.sql import Sql

Values = dict[str, Any]

WRITERS = allowed_types(PRODUCT_ASSIGNMENTS.access, Right.WRITE)
SUPPLIER = 'SELECT "ID" FROM suppliers WHERE marketplace_id = $1 AND "ID" = $2'
PRICE = """
SELECT ps."ID", ps."OwnerID", json_array_length(ps."PriceBreaks") AS breaks, nullif(ps."Currency", '') AS currency
FROM price_schedules ps WHERE ps.marketplace_id = $1 AND ps."ID" = $2 FOR SHARE
"""
"""Locked, so that neither its breaks nor its currency change before the row stands (PS-2, PS-3)."""


def _meet(whose: str) -> str:
    """That the product `t` is in a catalog that has such an assignment `c`; by the index of the assignments."""
    return f"""EXISTS (
    SELECT 1 FROM catalog_assignments c
    JOIN catalog_product_assignments l ON l.marketplace_id = :marketplace_id AND l."CatalogID" = c."CatalogID"
     AND l."ProductID" = coalesce(t."ParentID", t."ID")
    WHERE c.marketplace_id = :marketplace_id AND {whose})"""


GROUP = '(SELECT b."GroupID" FROM buyers b WHERE b.marketplace_id = :marketplace_id AND b."ID" = :buyer)'
OFFER = Sql(f"""
SELECT t."ID", t."OwnerID", {SOLD_OR_OFFERED} AS sellable, (
    {_meet('c."BuyerID" = :buyer')} OR {_meet(f'c."BuyerGroupID" = {GROUP}')}
) AS shared, (
    SELECT k."Currency" FROM locale_assignments a
    JOIN locales k ON k.marketplace_id = :marketplace_id AND k."ID" = a."LocaleID"
    WHERE a.marketplace_id = :marketplace_id AND a."BuyerID" = :buyer AND (a.group_key = :group OR a.group_key IS NULL)
    ORDER BY a.group_key NULLS LAST, k."ID" LIMIT 1
) AS currency
FROM products t WHERE t.marketplace_id = :marketplace_id AND t."ID" = :product
""").bound("marketplace_id", "product", "company", "buyer", "group")
"""A product on its way to a buyer. shared: whether they meet in a catalog (PAS-2). currency: LOC-3, of the group's locale, else the
buyer's; of several the one with the lowest ID."""
SAVE = """
INSERT INTO product_assignments (marketplace_id, "ProductID", "BuyerID", group_key, "SellerID", "PriceScheduleID")
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (marketplace_id, "ProductID", "BuyerID", group_key, "SellerID")
DO UPDATE SET "PriceScheduleID" = EXCLUDED."PriceScheduleID"
"""
DELETE = """
DELETE FROM product_assignments
WHERE marketplace_id = $1 AND "ProductID" = $2 AND "BuyerID" = $3
  AND group_key IS NOT DISTINCT FROM $4::bigint AND "SellerID" IS NOT DISTINCT FROM $5::citext
"""


@operation(
    "Products.SaveAssignment",
    "POST",
    PRODUCT_ASSIGNMENTS.path,
    tag="Products",
    summary="Create or update an assignment of a product to a buyer or a user group",
    status=204,
    roles=PRODUCT_ASSIGNMENTS.roles.assign,
    user_types=WRITERS,
    body=Body(ProductAssignment),
    errors=(
        NotFoundError,
        InvalidBodyError,
        ValidationError,
        ModifyProductError,
        PriceScheduleRequiredError,
        NotInBuyerCatalogError,
        NoPriceBreaksError,
        CurrencyMismatchError,
    ),
    unit=Unit.WRITE,
    resource="Products",
    table=PRODUCT_ASSIGNMENTS.table,
)
async def save_assignment(call: Call) -> Reply:
    """An upsert on product, party and seller: repeating it replaces the price schedule (PAS-1)."""
    body = call.body
    values = validate(ProductAssignment, body, partial=False)
    key = await resolved(call, with_levels(ProductAssignment, body, values), values["ProductID"])
    offer = await offer_to(call, key)
    seller = await seller_of(call, values["SellerID"])
    price = values["PriceScheduleID"]
    if not price and seller is not None and call.principal.supplier_id is None:
        raise PriceScheduleRequiredError
    row = await _price_for(call, price, seller) if price else None
    require_shared_catalog(offer, key)
    if row is not None:
        _check_price(row, offer)
    await give(call, key, seller, None if row is None else row["ID"])
    return Reply()


@operation(
    "Products.DeleteAssignment",
    "DELETE",
    PRODUCT_ASSIGNMENTS.delete_path,
    tag="Products",
    summary="Remove an assignment of a product",
    status=204,
    roles=PRODUCT_ASSIGNMENTS.roles.assign,
    user_types=WRITERS,
    query=tuple(QueryParameter(name) for name in ("userID", "userGroupID", "sellerID")),
    errors=(NotFoundError,),
    unit=Unit.WRITE,
    resource="Products",
    table=PRODUCT_ASSIGNMENTS.table,
)
async def delete_assignment(call: Call) -> Reply:
    """The one row of exactly this party and seller; the caller's own company unless `sellerID` says otherwise (PAS-3)."""
    key = await resolved(call, party_of(call), call.path["productID"])
    await take_away(call, key, await seller_of(call, parameters(call).get("sellerID")))
    return Reply()


def party_of(call: Call) -> Values:
    """The party that the path and the parameters of a deletion name."""
    given = parameters(call)
    return {
        "BuyerID": call.path["buyerID"],
        "UserID": given.get("userID"),
        "UserGroupID": given.get("userGroupID"),
    }


async def offer_to(call: Call, key: Values) -> Any:
    """What OFFER says of the product for the party of a key; refused as by require_sellable."""
    supplier, party = call.principal.supplier_id, (key["BuyerID"], key["group_key"])
    row = await call.db.fetchrow(OFFER, call.marketplace_id, key["ProductID"], supplier, *party)
    check_sellable(call, key["ProductID"], row)
    return row


def require_shared_catalog(offer: Any, key: Values) -> None:
    """PAS-2"""
    if not offer["shared"]:
        raise NotInBuyerCatalogError({"ProductID": key["ProductID"], "BuyerID": key["BuyerID"]})


async def give(call: Call, key: Values, seller: str | None, price: str | None) -> None:
    """Write the row of a product, a party and a seller, and what it shows to whom."""
    with call.changing(_given(key)):
        await call.db.execute(SAVE, *_row(call, key), seller, price)
    await refresh_products(call, [key["ProductID"]])


async def take_away(call: Call, key: Values, seller: str | None) -> None:
    """Delete that row; 404 where there is none."""
    with call.changing(_given(key)):
        status = await call.db.execute(DELETE, *_row(call, key), seller)
    if status == "DELETE 0":
        raise NotFoundError(ProductAssignment.__name__, f"{key['ProductID']}/{key['BuyerID']}")
    await refresh_products(call, [key["ProductID"]])


def _given(key: Values) -> Changed:
    """Whether a party has anything of its own is part of its audience."""
    return Changed(product_ids=frozenset({key["ProductID"]}), buyers=frozenset({key["BuyerID"]}))


def _row(call: Call, key: Values) -> tuple[Any, ...]:
    return call.marketplace_id, key["ProductID"], key["BuyerID"], key["group_key"]


async def resolved(call: Call, party: Values, product: str) -> Values:
    """The key's columns; 404 for what does not exist, the PartyAssignment refusals for parties that cannot be."""
    named = named_party(PRODUCT_ASSIGNMENTS, party)
    return await resolve(call, PRODUCT_ASSIGNMENTS, {"ProductID": product}, named, {})


async def seller_of(call: Call, wanted: str | None) -> str | None:
    """The row's seller, None for the marketplace owner. A supplier sells in its own name only: 403 otherwise."""
    supplier = call.principal.supplier_id
    if not wanted or wanted.lower() == call.principal.company_id.lower():
        return supplier
    if supplier is not None:
        raise UserTypeError
    stored: str | None = await call.db.fetchval(SUPPLIER, call.marketplace_id, wanted)
    if stored is None:
        raise NotFoundError("Supplier", wanted)
    return stored


async def _price_for(call: Call, price: str, seller: str | None) -> Any:
    """The row's price schedule: its seller's own, or the marketplace owner's where that one saves; 404 for others."""
    row = await call.db.fetchrow(PRICE, call.marketplace_id, price)
    owners = {(seller or call.principal.marketplace).lower(), call.principal.company_id.lower()}
    if row is None or row["OwnerID"].lower() not in owners:
        raise NotFoundError("PriceSchedule", price)
    return row


def _check_price(price: Any, offer: Any) -> None:
    """PAS-4"""
    if not price["breaks"]:
        raise NoPriceBreaksError({"PriceScheduleID": price["ID"]})
    currency = offer["currency"]
    if (currency or "").lower() != (price["currency"] or "").lower():
        raise CurrencyMismatchError({"Currency": price["currency"], "LocaleCurrency": currency})


OPERATIONS: tuple[Operation, ...] = (save_assignment, delete_assignment)

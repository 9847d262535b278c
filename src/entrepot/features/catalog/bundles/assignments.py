"""Bundles given to buyers and groups of their users: as products are, without a price (BND-2, PAS-1 to PAS-3)."""

from __future__ import annotations

from typing import Any

from entrepot.declare.operation import Body, Operation, QueryParameter, Reply, Unit, operation
from entrepot.declare.roles import Right
from entrepot.engine.access import allowed_types
from entrepot.engine.call import Call
from entrepot.engine.parties import named_party, resolve, with_levels
from entrepot.engine.query import parameters
from entrepot.engine.wire.models import validate
from entrepot.features.catalog.bundles.hooks import as_bundle, require_bundle
from entrepot.features.catalog.bundles.resources import PARTY_BUNDLES, BundleAssignment
from entrepot.features.catalog.products.assignments import (
    give,
    offer_to,
    party_of,
    require_shared_catalog,
    seller_of,
    take_away,
)
from entrepot.kernel.errors import (
    InvalidBodyError,
    ModifyProductError,
    NotFoundError,
    NotInBuyerCatalogError,
    ValidationError,
)

Values = dict[str, Any]

WRITERS = allowed_types(PARTY_BUNDLES.access, Right.WRITE)


@operation(
    "Bundles.SaveAssignment",
    "POST",
    PARTY_BUNDLES.path,
    tag="Bundles",
    summary="Give a bundle to a buyer or a user group",
    status=204,
    roles=PARTY_BUNDLES.roles.assign,
    user_types=WRITERS,
    body=Body(BundleAssignment),
    errors=(
        NotFoundError,
        InvalidBodyError,
        ValidationError,
        ModifyProductError,
        NotInBuyerCatalogError,
    ),
    unit=Unit.WRITE,
    resource="Bundles",
    table=PARTY_BUNDLES.table,
)
async def save_assignment(call: Call) -> Reply:
    """An upsert on bundle, party and seller."""
    body = call.body
    values = validate(BundleAssignment, body, partial=False)
    key = await _resolved(call, with_levels(BundleAssignment, body, values), values["BundleID"])
    with as_bundle(key["ProductID"]):
        offer = await offer_to(call, key)
    seller = await seller_of(call, values["SellerID"])
    require_shared_catalog(offer, key)
    await give(call, key, seller, None)
    return Reply()


@operation(
    "Bundles.DeleteAssignment",
    "DELETE",
    PARTY_BUNDLES.delete_path,
    tag="Bundles",
    summary="Take a bundle away from a buyer or a user group",
    status=204,
    roles=PARTY_BUNDLES.roles.assign,
    user_types=WRITERS,
    query=tuple(QueryParameter(name) for name in ("userID", "userGroupID", "sellerID")),
    errors=(NotFoundError,),
    unit=Unit.WRITE,
    resource="Bundles",
    table=PARTY_BUNDLES.table,
)
async def delete_assignment(call: Call) -> Reply:
    """The one row of exactly this party and seller; the caller's own company unless `sellerID` says otherwise."""
    key = await _resolved(call, party_of(call), call.path["bundleID"])
    await take_away(call, key, await seller_of(call, parameters(call).get("sellerID")))
    return Reply()


async def _resolved(call: Call, party: Values, bundle: str) -> Values:
    named = named_party(PARTY_BUNDLES, party)
    key = await resolve(call, PARTY_BUNDLES, {"BundleID": bundle}, named, {})
    await require_bundle(call, key["ProductID"])
    return key


OPERATIONS: tuple[Operation, ...] = (save_assignment, delete_assignment)

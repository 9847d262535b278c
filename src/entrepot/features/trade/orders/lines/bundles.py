"""Bundles on orders: a head line without a price, and a line for each product that is taken of it (LI-7, BND-4)."""

from __future__ import annotations

from typing import Any

from entrepot.declare.operation import Body, Operation, Reply, Returns, Unit
from entrepot.declare.roles import sufficient
from entrepot.engine.call import Call
from entrepot.engine.wire.models import validate
from entrepot.features.people.integrations.enums import TrackingEventType
from entrepot.features.trade.orders.changing import close_order, forget_estimates, open_order
from entrepot.features.trade.orders.lines.writing import finish_lines, new_line
from entrepot.features.trade.orders.models.lines import BundleItems, LineItem
from entrepot.features.trade.orders.pricing.stock import adjust_stock
from entrepot.features.trade.orders.reference import OrderRef, order_operation
from entrepot.features.trade.orders.rows import LineRow
from entrepot.features.trade.orders.store import Loaded, show_line
from entrepot.features.trade.orders.tracked import track_lines
from entrepot.kernel.errors import (
    BundleItemMissingError,
    BundleProductError,
    BundleQuantityMissingError,
    InsufficientRolesError,
    InvalidBodyError,
    NotFoundError,
    ValidationError,
)

Values = dict[str, Any]

COLLECTION = "/orders/{direction}/{orderID}/bundles/{bundleID}"
TRADERS = sufficient("OrderAdmin", "Shopper")
PARTS = """
SELECT t."ID" AS bundle, a."ProductID", a."Required", a."DefaultQuantity"
FROM products t
LEFT JOIN bundle_product_assignments a ON a.marketplace_id = $1 AND a."BundleID" = t."ID"
WHERE t.marketplace_id = $1 AND t."ID" = $2 AND t."IsBundle"
ORDER BY a."ProductID"
"""


@order_operation(
    "BundleLineItems.Create",
    "POST",
    COLLECTION,
    tag="Bundle Line Items",
    summary="Add a bundle",
    status=201,
    roles=TRADERS,
    body=Body(BundleItems, required=False),
    returns=Returns(LineItem),
    errors=(
        NotFoundError,
        InsufficientRolesError,
        InvalidBodyError,
        ValidationError,
        BundleItemMissingError,
        BundleQuantityMissingError,
        BundleProductError,
    ),
    unit=Unit.WRITE,
    table="line_items",
)
async def create_bundle(call: Call, where: OrderRef) -> Reply:
    """201 with the head; without lines in the body the required products at their default quantities."""
    body = validate(BundleItems, call.body, partial=False)
    loaded = await open_order(call, where)
    head = await add_bundle(call, loaded, call.path["bundleID"], body["LineItems"] or [])
    return Reply(show_line(call, head))


@order_operation(
    "BundleLineItems.Delete",
    "DELETE",
    f"{COLLECTION}/{{bundleItemID}}",
    tag="Bundle Line Items",
    summary="Remove a bundle",
    status=204,
    roles=TRADERS,
    errors=(NotFoundError, InsufficientRolesError),
    unit=Unit.WRITE,
    table="line_items",
)
async def delete_bundle(call: Call, where: OrderRef) -> Reply:
    """The head and all that was taken with it."""
    loaded = await open_order(call, where)
    head = loaded.line(call.path["bundleItemID"])
    if not head["IsBundle"] or (head["bundle_id"] or "").lower() != call.path["bundleID"].lower():
        raise NotFoundError("LineItem", call.path["bundleItemID"])
    for line in loaded.lines:
        if line["BundleItemID"] == head["ID"]:
            await adjust_stock(call, loaded, line, -line["Quantity"])
    loaded.lines[:] = [
        line for line in loaded.lines if line is not head and line["BundleItemID"] != head["ID"]
    ]
    forget_estimates(loaded)
    await close_order(call, loaded)
    return Reply()


async def add_bundle(call: Call, loaded: Loaded, bundle_id: str, wanted: list[Values]) -> LineRow:
    """The head line of a new bundle on the order. 404 for a bundle that the order's user does not see."""
    lines = await bundle_of_lines(call, loaded, bundle_id, wanted)
    await finish_lines(call, loaded, lines)
    await track_lines(call, loaded, TrackingEventType.LINE_ITEM_ADDED, lines)
    return lines[0]


async def bundle_of_lines(call: Call, loaded: Loaded, bundle_id: str, wanted: list[Values]) -> list[LineRow]:
    """The new lines of a bundle, its head first, put to those of the order; not checked and not written yet."""
    rows = await call.db.fetch(PARTS, call.marketplace_id, bundle_id)
    if not rows:
        raise NotFoundError("Bundle", bundle_id)
    parts = {row["ProductID"].lower(): row for row in rows if row["ProductID"] is not None}
    taken = wanted or [
        {"ProductID": part["ProductID"], "Quantity": part["DefaultQuantity"]}
        for part in parts.values()
        if part["Required"] and part["DefaultQuantity"] is not None
    ]
    named = {str(each["ProductID"]).lower() for each in taken}
    foreign = [each["ProductID"] for each in taken if str(each["ProductID"]).lower() not in parts]
    if foreign:
        raise BundleProductError({"ProductIDs": foreign})
    missing = [part["ProductID"] for key, part in parts.items() if part["Required"] and key not in named]
    if not wanted and (missing or not taken):
        raise BundleQuantityMissingError({"BundleID": rows[0]["bundle"]})
    if missing:
        raise BundleItemMissingError({"ProductIDs": missing})
    bundle = rows[0]["bundle"]
    head = await new_line(call, loaded, _complete({"ProductID": bundle}), IsBundle=True, bundle_id=bundle)
    lines = [await new_line(call, loaded, _complete(each), BundleItemID=head["ID"]) for each in taken]
    return [head, *lines]


def _complete(values: Values) -> Values:
    return validate(LineItem, values, partial=False)


OPERATIONS: tuple[Operation, ...] = (create_bundle, delete_bundle)

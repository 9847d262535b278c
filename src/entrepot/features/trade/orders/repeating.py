"""Orders.Repeat: a new order with the lines of another one, as far as they can be ordered today."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from entrepot.declare.operation import Body, Created, Operation, Reply, Returns, Unit
from entrepot.declare.roles import sufficient
from entrepot.domain.orders.status import OrderEvent
from entrepot.domain.orders.stock import Draw, shortages
from entrepot.engine.call import Call
from entrepot.engine.wire.models import validate
from entrepot.features.trade.orders.access import direction_of
from entrepot.features.trade.orders.changing import render, write_order
from entrepot.features.trade.orders.creating import create_order
from entrepot.features.trade.orders.lines.checks import check_product, refusals_of
from entrepot.features.trade.orders.lines.writing import fresh_line
from entrepot.features.trade.orders.models.enums import OrderDirection
from entrepot.features.trade.orders.models.orders import Order, OrderRepeatResponse
from entrepot.features.trade.orders.priced import PricedOrder
from entrepot.features.trade.orders.pricing.prices import price_order
from entrepot.features.trade.orders.pricing.stock import Records, draw_of, read_records, record_of
from entrepot.features.trade.orders.reference import OrderRef, order_operation
from entrepot.features.trade.orders.resources import LINE_ITEM
from entrepot.features.trade.orders.rows import LineRow, OrderRow, by_name
from entrepot.features.trade.orders.store import Loaded, load, require_order
from entrepot.kernel.errors import (
    ApiError,
    BundleItemMissingError,
    BundleProductError,
    BuyerUserNotFoundError,
    IdExistsError,
    IncomingOrderUserError,
    InvalidBodyError,
    NotFoundError,
    StockError,
    UserTypeError,
    ValidationError,
)

Values = dict[str, Any]
REPEATED = ("ProductID", "Quantity", "Specs", "CostCenter", "ShippingAccount", "InventoryRecordID", "xp", "IsBundle", "bundle_id")  # fmt: skip
"""What a line of the new order takes from the old one. Prices, addresses and dates are those of a new line."""
BUNDLES = """
SELECT a."BundleID", a."ProductID", a."Required" FROM bundle_product_assignments a
WHERE a.marketplace_id = $1 AND a."BundleID" = ANY($2::citext[])
ORDER BY a."BundleID", a."ProductID"
"""


@order_operation(
    "Orders.Repeat",
    "POST",
    "/orders/{direction}/{orderID}/repeat",
    tag="Orders",
    summary="Make a new order with the same lines",
    status=201,
    roles=sufficient("OrderAdmin", "Shopper"),
    body=Body(Order, required=False),
    returns=Returns(OrderRepeatResponse),
    errors=(
        NotFoundError,
        InvalidBodyError,
        ValidationError,
        IdExistsError,
        IncomingOrderUserError,
        BuyerUserNotFoundError,
        UserTypeError,
    ),
    unit=Unit.WRITE,
    moves=(OrderEvent.CREATE,),
    table="orders",
)
async def repeat(call: Call, where: OrderRef) -> Reply:
    """An unsubmitted order as Orders.Create makes it of the body, with copies of the lines; those that are refused (LI-1,
    LI-7, INV-1) are named with their errors instead. No statement count grows with the number of lines.
    """
    direction = direction_of(call)
    old = await load(call, await require_order(call, where, lock=False))
    values = validate(Order, call.body, partial=False)
    order = await create_order(call, direction, _on_behalf(call, direction, values, old.order))
    new = Loaded(order, [], order.copy())
    new.lines = _copies(call, new, old.lines)
    refused = await _settle(call, new)
    await write_order(call, new)
    body = {
        "Order": render(order),
        "UnavailableItems": [_unavailable(line, error) for line, error in refused],
    }
    return Reply(body, created=Created(order["ID"], {"direction": direction}, below="/orders/{direction}"))


def _on_behalf(call: Call, direction: OrderDirection, values: Values, old: OrderRow) -> Values:
    """What the body leaves open of the parties is as it was; the sender only where the seller acts for a buyer."""
    values["ToCompanyID"] = values["ToCompanyID"] or old["ToCompanyID"]
    if direction is not OrderDirection.OUTGOING and not old["from_seller"]:
        values["FromCompanyID"] = values["FromCompanyID"] or old["FromCompanyID"]
        values["FromUserID"] = values["FromUserID"] or old["FromUserID"]
    return values


def _copies(call: Call, new: Loaded, lines: list[LineRow]) -> list[LineRow]:
    """New lines; what was taken of a bundle stands under the copy of its head."""
    heads: dict[str, str] = {}
    copies = []
    for line in lines:
        kept = {name: by_name(line)[name] for name in REPEATED}
        copy = fresh_line(call, new.order, LINE_ITEM.generate_id(), kept)
        by_name(copy).update(kept)
        if line["IsBundle"]:
            heads[line["ID"]] = copy["ID"]
        copies.append(copy)
    for line, copy in zip(lines, copies, strict=True):
        if line["BundleItemID"] is not None:
            copy["BundleItemID"] = heads.get(line["BundleItemID"])
    return copies


async def _settle(call: Call, new: Loaded) -> list[tuple[LineRow, ApiError]]:
    """Price the new lines and take away those that are refused, until none is; a bundle goes as a whole."""
    records = await read_records(call, new, new.lines)
    refused: list[tuple[LineRow, ApiError]] = []
    found = await _faults_of_bundles(call, new.lines)
    while True:
        priced = await price_order(call, new)
        for line in new.lines:
            error = _refusal(priced, records, line)
            if error is not None:
                found.setdefault(line["ID"], error)
        for line_id, error in _short(new, priced, records, found):
            found[line_id] = error
        if not found:
            break
        _spread_over_bundles(new.lines, found)
        refused += [(line, found[line["ID"]]) for line in new.lines if line["ID"] in found]
        new.lines = [line for line in new.lines if line["ID"] not in found]
        found = {}
    for line in new.lines:
        product = priced.product(line)
        if product is not None and product.ship_from is not None:
            line["ShipFromAddressID"], line["ShipFromAddress"] = product.ship_from["ID"], product.ship_from
    return refused


def _refusal(priced: PricedOrder, records: Records, line: LineRow) -> ApiError | None:
    try:
        check_product(priced, line)
    except ApiError as refusal:
        return refusal
    for error in refusals_of(priced, line, final=False):
        return error
    if line["InventoryRecordID"]:
        record = record_of(records, line)
        if record is None or not record["meant"]:
            return NotFoundError("InventoryRecord", line["InventoryRecordID"])
    return None


def _short(
    new: Loaded, priced: PricedOrder, records: Records, refused: dict[str, ApiError]
) -> Iterator[tuple[str, ApiError]]:
    """The lines for which nothing is left of their stock once the lines before them have theirs (INV-1)."""
    served: list[Draw] = []
    for line in new.lines:
        if line["IsBundle"] or line["ID"] in refused:
            continue
        draw = draw_of(priced, records, line)
        lacking = next((each for each in shortages([*served, draw]) if each.line_id == line["ID"]), None)
        if lacking is None:
            served.append(draw)
        else:
            yield line["ID"], StockError(lacking.data)


async def _faults_of_bundles(call: Call, lines: list[LineRow]) -> dict[str, ApiError]:
    """LI-7: what is not part of its bundle any more, and bundles that require more by now. One statement, none without
    bundles.
    """
    heads = {line["ID"]: (line["bundle_id"] or "").lower() for line in lines if line["IsBundle"]}
    if not heads:
        return {}
    parts: dict[str, dict[str, bool]] = {}
    for row in await call.db.fetch(BUNDLES, call.marketplace_id, list(heads.values())):
        parts.setdefault(row["BundleID"].lower(), {})[row["ProductID"].lower()] = row["Required"]
    found: dict[str, ApiError] = {}
    for head, bundle in heads.items():
        known = parts.get(bundle, {})
        taken = {line["ProductID"].lower(): line for line in lines if line["BundleItemID"] == head}
        missing = [product for product, required in known.items() if required and product not in taken]
        if missing:
            found[head] = BundleItemMissingError({"ProductIDs": missing})
        for product, line in taken.items():
            if product not in known:
                found[line["ID"]] = BundleProductError({"ProductIDs": [line["ProductID"]]})
    return found


def _spread_over_bundles(lines: list[LineRow], found: dict[str, ApiError]) -> None:
    """The first error of a bundle's lines is that of all of them."""
    for line in lines:
        head = line["BundleItemID"]
        if head is not None and line["ID"] in found:
            found.setdefault(head, found[line["ID"]])
    for line in lines:
        head = line["BundleItemID"]
        if head in found:
            found.setdefault(line["ID"], found[head])


def _unavailable(line: LineRow, error: ApiError) -> Values:
    (item,) = error.items()
    wire = {"ErrorCode": item.code, "Message": item.message, "Data": item.data}
    return {"ProductID": line["ProductID"], "Error": wire}


OPERATIONS: tuple[Operation, ...] = (repeat,)

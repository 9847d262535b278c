"""New and changed lines of orders: what a body says of them, checked, priced and written (LI-1 to LI-4, MON-8, INV-2)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, cast

from entrepot.engine.call import Call
from entrepot.engine.incrementors import fill_incrementors
from entrepot.engine.rows import differs
from entrepot.engine.wire.json import dump
from entrepot.engine.wire.models import check_xp_size
from entrepot.features.people.integrations.enums import TrackingEventType
from entrepot.features.trade.orders import addresses
from entrepot.features.trade.orders.changing import (
    close_order,
    forget_estimates,
    gather_shipping_address,
    is_unsubmitted,
    rename_in_estimates,
    write_order,
)
from entrepot.features.trade.orders.lines.checks import (
    check_facts,
    check_product,
    refusals_of,
    require_override,
)
from entrepot.features.trade.orders.lines.elsewhere import found_elsewhere
from entrepot.features.trade.orders.lines.ship_from import ship_from
from entrepot.features.trade.orders.models.lines import LineItem
from entrepot.features.trade.orders.priced import PricedOrder
from entrepot.features.trade.orders.pricing.prices import add_up, price_order, reprice_frozen
from entrepot.features.trade.orders.pricing.promotions import rename_line
from entrepot.features.trade.orders.pricing.stock import adjust_stock, check_stock
from entrepot.features.trade.orders.resources import LINE_ITEM
from entrepot.features.trade.orders.rows import LineRow, OrderRow, by_name
from entrepot.features.trade.orders.store import Loaded
from entrepot.features.trade.orders.tracked import track_lines
from entrepot.kernel.errors import ChangeProductError, IdExistsError

Values = dict[str, Any]

RENAME = """
WITH shipped AS (
    UPDATE shipment_items SET "LineItemID" = $4 WHERE marketplace_id = $1 AND order_key = $2 AND "LineItemID" = $3)
UPDATE line_items SET "ID" = $4 WHERE marketplace_id = $1 AND order_key = $2 AND "ID" = $3
"""
SHARE_XP = """
UPDATE line_items SET xp = $6
WHERE marketplace_id = $1
  AND (source_order_key = $2 AND source_line_id = $3 OR order_key = $4 AND "ID" = $5)
"""


async def add_line(call: Call, loaded: Loaded, values: Values) -> LineRow:
    """A new line of a body's complete values: checked, priced, written with its order."""
    line = await new_line(call, loaded, values)
    await finish_lines(call, loaded, [line])
    await track_lines(call, loaded, TrackingEventType.LINE_ITEM_ADDED, [line])
    return line


async def new_line(call: Call, loaded: Loaded, values: Values, **facts: Any) -> LineRow:
    """A line of a body's complete values, put to those of the order; `finish_lines` checks and writes it."""
    line_id = await fill_incrementors(call, values["ID"] or LINE_ITEM.generate_id())
    line = fresh_line(call, loaded.order, line_id, values)
    by_name(line).update(facts)
    if any(other["ID"].lower() == line["ID"].lower() for other in loaded.lines):
        raise IdExistsError("LineItem", line["ID"])
    await write_terms(call, loaded, line, values, None)
    loaded.lines.append(line)
    return line


def fresh_line(call: Call, order: OrderRow, line_id: str, values: Values) -> LineRow:
    """A stored line with what `values` say of it, not priced yet; its address is the order's (ADR-1)."""
    line = {
        **{column.name: values.get(column.name, column.empty) for column in LineItem.__columns__.values()},
        **dict.fromkeys(stored.name for stored in LINE_ITEM.stored if not stored.identity),
        "ID": line_id,
        "DateAdded": call.clock(),
        "ShippingAddressID": order["ShippingAddressID"],
        "ShippingAddress": order["shipping_address"],
        "ad_hoc": False,
        "InvitationID": call.principal.invitation_id,
        **dict.fromkeys(("LineSubtotal", "LineTotal", "PromotionDiscount", "BaseDiscount"), Decimal(0)),
        **dict.fromkeys(("QuantityShipped",), 0),
        "UnitPrice": None,
    }
    return cast(LineRow, line)


async def change_line(call: Call, loaded: Loaded, line: LineRow, values: Values) -> LineRow:
    """The line with a body's complete values."""
    if values["ProductID"].lower() != line["ProductID"].lower():
        raise ChangeProductError
    old = line.copy()
    if values["ID"] != line["ID"]:
        await _rename(call, loaded, line, values["ID"])
    await write_terms(call, loaded, line, values, old)
    if is_unsubmitted(loaded.order):
        same = not any(differs(by_name(line)[name], value) for name, value in old.items() if name != "ID")
        await finish_lines(call, loaded, [line], same=same)
        if not same:
            await track_lines(call, loaded, TrackingEventType.LINE_ITEM_UPDATED, [line])
        return line
    check_facts(line)
    if line["xp"] != old["xp"]:
        await _share_xp(call, loaded, line)
    if line["Quantity"] != old["Quantity"]:
        await adjust_stock(call, loaded, line, line["Quantity"] - old["Quantity"])
    if (line["Quantity"], line["UnitPrice"]) != (old["Quantity"], old["UnitPrice"]):
        reprice_frozen(line)
    await close_order(call, loaded)
    await track_lines(call, loaded, TrackingEventType.LINE_ITEM_UPDATED, [line])
    return line


async def _share_xp(call: Call, loaded: Loaded, line: LineRow) -> None:
    """FWD-3: a line and what a split made of it have one xp."""
    text = None if line["xp"] is None else dump(line["xp"])
    source = (line["source_order_key"], line["source_line_id"])
    await call.db.execute(SHARE_XP, call.marketplace_id, loaded.key, line["ID"], *source, text)


async def finish_lines(call: Call, loaded: Loaded, lines: list[LineRow], *, same: bool = False) -> None:
    """Check and price new or changed lines, and write them with their order (LI-1). In an order that is submitted only
    these are priced, and take their stock at once (INV-2).

    same: nothing of them has changed but their IDs, so that estimates hold as long as prices do (CHK-7).
    """
    for line in lines:
        check_facts(line)
    gather_shipping_address(loaded)
    before = loaded.order["Subtotal"]
    if not same:
        forget_estimates(loaded)
    live = is_unsubmitted(loaded.order)
    priced = await price_order(call, loaded if live else Loaded(loaded.order.copy(), lines))
    if live and await found_elsewhere(call, loaded, priced, lines):
        priced = await price_order(call, loaded)
    if loaded.order["Subtotal"] != before:
        forget_estimates(loaded)
    for line in lines:
        if not line["ad_hoc"]:
            await _check_line(call, loaded, priced, line)
        if not live:
            await adjust_stock(call, loaded, line, line["Quantity"])
    if not live:
        add_up(loaded)
    await write_order(call, loaded)


async def _check_line(call: Call, loaded: Loaded, priced: PricedOrder, line: LineRow) -> None:
    check_product(priced, line)
    for refusal in refusals_of(priced, line, final=False):
        raise refusal
    if not line["IsBundle"]:
        await check_stock(call, loaded, priced, line)
    product = priced.product(line)
    if product is not None and line["ShipFromAddressID"] is None and product.ship_from is not None:
        line["ShipFromAddressID"], line["ShipFromAddress"] = product.ship_from["ID"], product.ship_from


async def write_terms(call: Call, loaded: Loaded, line: LineRow, values: Values, old: LineRow | None) -> None:
    """What a body may say of a line; after the submit specs and inventory record stay (INV-3)."""
    for name in ("Quantity", "CostCenter", "DateNeeded", "ShippingAccount", "xp"):
        line[name] = values[name]
    check_xp_size(line["xp"])
    if is_unsubmitted(loaded.order):
        line["InventoryRecordID"] = values["InventoryRecordID"]
        if values["Specs"] is not None:
            line["Specs"] = values["Specs"]
    wanted = values["ShippingAddressID"]
    if wanted and (old is None or wanted != old["ShippingAddressID"]):
        line["ShippingAddressID"], line["ShippingAddress"] = await addresses.shipping_address(
            call, loaded.order, wanted
        )
    elif old is not None and not wanted and old["ShippingAddressID"]:
        line["ShippingAddressID"] = line["ShippingAddress"] = None
    wanted = values["ShipFromAddressID"]
    if wanted and (old is None or wanted != old["ShipFromAddressID"]):
        line["ShipFromAddressID"], line["ShipFromAddress"] = await ship_from(
            call, loaded.order, line["ProductID"], wanted
        )
    elif old is not None and not wanted and old["ShipFromAddressID"]:
        line["ShipFromAddressID"] = line["ShipFromAddress"] = None
    _write_price(call, line, values["UnitPrice"], old)


def _write_price(call: Call, line: LineRow, price: Decimal | None, old: LineRow | None) -> None:
    """MON-8: a price of one's own, or none; repeating the present one is none (inferred). A bundle has none (LI-7)."""
    if line["IsBundle"] or (old is not None and price == old["UnitPrice"]):
        return
    if price is None:
        line["PriceOverridden"] = False
        return
    require_override(call)
    line["UnitPrice"], line["PriceOverridden"] = price, True
    line["LineSubtotal"] = line["LineSubtotal"] or Decimal(0)


async def _rename(call: Call, loaded: Loaded, line: LineRow, wanted: str) -> None:
    """Lines of unsubmitted orders may get another ID (LI-2)."""
    if not is_unsubmitted(loaded.order):
        return
    new = await fill_incrementors(call, wanted)
    if new.lower() != line["ID"].lower():
        if any(other["ID"].lower() == new.lower() for other in loaded.lines):
            raise IdExistsError("LineItem", new)
        for other in loaded.lines:
            if other["BundleItemID"] == line["ID"]:
                other["BundleItemID"] = new
    await call.db.execute(RENAME, call.marketplace_id, loaded.key, line["ID"], new)
    loaded.kept_lines[new] = loaded.kept_lines.pop(line["ID"]) | {"ID": new}
    rename_line(loaded, line["ID"], new)
    rename_in_estimates(loaded, line["ID"], new)
    line["ID"] = new

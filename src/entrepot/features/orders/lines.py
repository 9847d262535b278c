"""Lines of orders: create, get, save, patch, delete, and their one-time addresses (orders spec section 5)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from entrepot.declare.operation import Body, Operation, Reply, Returns, Unit, operation
from entrepot.declare.roles import sufficient
from entrepot.engine.call import Call
from entrepot.engine.incrementors import fill_incrementors
from entrepot.engine.standing import confirm_standing
from entrepot.engine.wire.json import dump, load, parse
from entrepot.engine.wire.merge import merge, replace
from entrepot.engine.wire.models import check_xp_size, validate
from entrepot.features.company_assets.resources import Address
from entrepot.features.inventory.address_text import address_object
from entrepot.features.orders import addresses
from entrepot.features.orders.changing import (
    close_order,
    forget_estimates,
    gather_shipping_address,
    is_unsubmitted,
    open_order,
    write_order,
)
from entrepot.features.orders.elsewhere import found_elsewhere
from entrepot.features.orders.line_checks import (
    check_facts,
    check_product,
    refusals_of,
    refuse_bundle_parts,
    require_override,
)
from entrepot.features.orders.models.lines import LineItem
from entrepot.features.orders.pricing import PricedOrder, add_up, price_order, reprice_frozen
from entrepot.features.orders.promotions_rows import rename_line
from entrepot.features.orders.resources import LINE_ITEM
from entrepot.features.orders.stock import adjust_stock, check_stock
from entrepot.features.orders.store import Loaded, require_order, show_line
from entrepot.features.orders.store import load as load_lines
from entrepot.kernel.errors import (
    ChangeProductError,
    IdExistsError,
    InsufficientRolesError,
    InvalidBodyError,
    NotFoundError,
    PatchLineAddressError,
    PriceScheduleMissingError,
    RemoveBundleError,
    RemoveRequiredBundleItemError,
    ShippingAddressByIdError,
    StockError,
    ValidationError,
)

Values = dict[str, Any]

COLLECTION = "/orders/{direction}/{orderID}/lineitems"
ITEM = f"{COLLECTION}/{{lineItemID}}"
TRADERS = sufficient("OrderAdmin", "Shopper")
READERS = sufficient("OrderAdmin", "OrderReader", "Shopper")
WRITES = (
    NotFoundError,
    InsufficientRolesError,
    InvalidBodyError,
    ValidationError,
    IdExistsError,
    PriceScheduleMissingError,
    StockError,
)
SHIP_FROM = f"""
SELECT ad."ID", {address_object("ad")} AS wire FROM addresses ad
WHERE ad.marketplace_id = $1 AND ad."ID" = $2 AND ad."BuyerID" IS NULL AND ad.user_key IS NULL
ORDER BY ad."SupplierID" IS NOT DISTINCT FROM $3 DESC, ad."SupplierID" IS NULL DESC LIMIT 1
"""
"""An address of the marketplace owner or of a supplier, the line's own supplier first (LI-4)."""
RENAME = 'UPDATE line_items SET "ID" = $4 WHERE marketplace_id = $1 AND order_key = $2 AND "ID" = $3'
SHARE_XP = """
UPDATE line_items SET xp = $6
WHERE marketplace_id = $1
  AND (source_order_key = $2 AND source_line_id = $3 OR order_key = $4 AND "ID" = $5)
"""


@operation(
    "LineItems.Create",
    "POST",
    COLLECTION,
    tag="Line Items",
    summary="Add a line",
    status=201,
    roles=TRADERS,
    body=Body(LineItem),
    returns=Returns(LineItem),
    errors=WRITES,
    unit=Unit.WRITE,
    table="line_items",
)
async def create_line(call: Call) -> Reply:
    """Equal lines are never merged (LI-2). Eight statements at most, however many lines there are."""
    loaded = await open_order(call)
    line = await add_line(call, loaded, validate(LineItem, parse(call.raw_body), partial=False))
    path = call.operation.path
    for name, value in call.path.items():
        path = path.replace(f"{{{name}}}", value)
    return Reply(show_line(call, line), headers=(("Location", f"{call.base_url}/v1{path}/{line['ID']}"),))


@operation(
    "LineItems.Get",
    "GET",
    ITEM,
    tag="Line Items",
    summary="Get a line",
    roles=READERS,
    returns=Returns(LineItem),
    errors=(NotFoundError,),
    confirms=True,
    table="line_items",
)
async def get_line(call: Call) -> Reply:
    """Three statements."""
    await confirm_standing(call)
    loaded = await load_lines(call, await require_order(call, lock=False))
    return Reply(show_line(call, loaded.line(call.path["lineItemID"])))


@operation(
    "LineItems.Save",
    "PUT",
    ITEM,
    tag="Line Items",
    summary="Create or replace a line",
    roles=TRADERS,
    body=Body(LineItem),
    returns=Returns(LineItem),
    errors=(*WRITES, ChangeProductError),
    unit=Unit.WRITE,
    table="line_items",
)
async def save_line(call: Call) -> Reply:
    """The ID in the path is that of a new line, where there is none."""
    loaded = await open_order(call)
    values = validate(LineItem, parse(call.raw_body), partial=False)
    line_id = call.path["lineItemID"]
    old = loaded.find_line(line_id)
    if old is None:
        values["ID"] = values["ID"] or line_id
        return Reply(show_line(call, await add_line(call, loaded, values)))
    values["ID"] = values["ID"] or old["ID"]
    return Reply(show_line(call, await change_line(call, loaded, old, replace(LineItem, old, values))))


@operation(
    "LineItems.Patch",
    "PATCH",
    ITEM,
    tag="Line Items",
    summary="Change parts of a line",
    roles=TRADERS,
    body=Body(LineItem, partial=True),
    returns=Returns(LineItem),
    errors=(*WRITES, ChangeProductError),
    unit=Unit.WRITE,
    table="line_items",
)
async def patch_line(call: Call) -> Reply:
    """Null for UnitPrice brings the automatic price back (MON-8)."""
    loaded = await open_order(call)
    old = loaded.line(call.path["lineItemID"])
    changes = validate(LineItem, parse(call.raw_body), partial=True)
    return Reply(show_line(call, await change_line(call, loaded, old, merge(LineItem, old, changes))))


@operation(
    "LineItems.Delete",
    "DELETE",
    ITEM,
    tag="Line Items",
    summary="Delete a line",
    status=204,
    roles=TRADERS,
    errors=(NotFoundError, InsufficientRolesError, RemoveBundleError, RemoveRequiredBundleItemError),
    unit=Unit.WRITE,
    table="line_items",
)
async def delete_line(call: Call) -> Reply:
    """Of an open order the quantity goes back to its stock (INV-2)."""
    loaded = await open_order(call)
    line = loaded.line(call.path["lineItemID"])
    await refuse_bundle_parts(call, loaded, line)
    await adjust_stock(call, loaded, line, -line["Quantity"])
    loaded.lines.remove(line)
    forget_estimates(loaded)
    await close_order(call, loaded)
    return Reply()


@operation(
    "LineItems.SetShippingAddress",
    "PUT",
    f"{ITEM}/shipto",
    tag="Line Items",
    summary="Set a one-time shipping address of a line",
    roles=TRADERS,
    body=Body(Address),
    returns=Returns(LineItem),
    errors=WRITES,
    unit=Unit.WRITE,
    table="line_items",
)
async def set_line_address(call: Call) -> Reply:
    """The body's ID is ignored; ShippingAddressID becomes null (LI-8)."""
    loaded = await open_order(call)
    line = loaded.line(call.path["lineItemID"])
    values = validate(Address, parse(call.raw_body), partial=False)
    line["ShippingAddressID"], line["ShippingAddress"] = None, addresses.one_time(values)
    return await _close_address(call, loaded, line)


@operation(
    "LineItems.PatchShippingAddress",
    "PATCH",
    f"{ITEM}/shipto",
    tag="Line Items",
    summary="Change the one-time shipping address of a line",
    roles=TRADERS,
    body=Body(Address, partial=True),
    returns=Returns(LineItem),
    errors=(*WRITES, PatchLineAddressError, ShippingAddressByIdError),
    unit=Unit.WRITE,
    table="line_items",
)
async def patch_line_address(call: Call) -> Reply:
    """An address by ID is changed only after the submit (LI-8)."""
    loaded = await open_order(call)
    line = loaded.line(call.path["lineItemID"])
    changes = validate(Address, parse(call.raw_body), partial=True)
    if line["ShippingAddress"] is None:
        raise PatchLineAddressError
    if line["ShippingAddressID"] and is_unsubmitted(loaded.order):
        raise ShippingAddressByIdError
    line["ShippingAddress"] = addresses.changed(line["ShippingAddress"], changes)
    return await _close_address(call, loaded, line)


async def _close_address(call: Call, loaded: Loaded, line: Values) -> Reply:
    gather_shipping_address(loaded)
    forget_estimates(loaded)
    await close_order(call, loaded)
    return Reply(show_line(call, line))


async def add_line(call: Call, loaded: Loaded, values: Values) -> Values:
    """A new line of a body's complete values: checked, priced, written with its order."""
    line = await new_line(call, loaded, values)
    await finish_lines(call, loaded, [line])
    return line


async def new_line(call: Call, loaded: Loaded, values: Values, **facts: Any) -> Values:
    """A line of a body's complete values, put to those of the order; `finish_lines` checks and writes it."""
    line_id = await fill_incrementors(call, values["ID"] or LINE_ITEM.generate_id())
    line = fresh_line(call, loaded.order, line_id, values) | facts
    if any(other["ID"].lower() == line["ID"].lower() for other in loaded.lines):
        raise IdExistsError("LineItem", line["ID"])
    await write_terms(call, loaded, line, values, None)
    loaded.lines.append(line)
    return line


def fresh_line(call: Call, order: Values, line_id: str, values: Values) -> Values:
    """A stored line with what `values` say of it, not priced yet; its address is the order's (ADR-1)."""
    return {
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


async def change_line(call: Call, loaded: Loaded, line: Values, values: Values) -> Values:
    """The line with a body's complete values."""
    if values["ProductID"].lower() != line["ProductID"].lower():
        raise ChangeProductError
    old = dict(line)
    if values["ID"] != line["ID"]:
        await _rename(call, loaded, line, values["ID"])
    await write_terms(call, loaded, line, values, old)
    if is_unsubmitted(loaded.order):
        await finish_lines(call, loaded, [line])
        return line
    check_facts(line)
    if line["xp"] != old["xp"]:
        await _share_xp(call, loaded, line)
    if line["Quantity"] != old["Quantity"]:
        await adjust_stock(call, loaded, line, line["Quantity"] - old["Quantity"])
    if (line["Quantity"], line["UnitPrice"]) != (old["Quantity"], old["UnitPrice"]):
        reprice_frozen(line)
    await close_order(call, loaded)
    return line


async def _share_xp(call: Call, loaded: Loaded, line: Values) -> None:
    """FWD-3: a line and what a split made of it have one xp."""
    text = None if line["xp"] is None else dump(line["xp"])
    source = (line["source_order_key"], line["source_line_id"])
    await call.db.execute(SHARE_XP, call.marketplace_id, loaded.key, line["ID"], *source, text)


async def finish_lines(call: Call, loaded: Loaded, lines: list[Values]) -> None:
    """Check and price new or changed lines, and write them with their order (LI-1). In an order that is submitted only
    these are priced, and take their stock at once (INV-2).
    """
    for line in lines:
        check_facts(line)
    gather_shipping_address(loaded)
    forget_estimates(loaded)
    live = is_unsubmitted(loaded.order)
    priced = await price_order(call, loaded if live else Loaded(dict(loaded.order), lines))
    if live and await found_elsewhere(call, loaded, priced, lines):
        priced = await price_order(call, loaded)
    for line in lines:
        if not line["ad_hoc"]:
            await _check_line(call, loaded, priced, line)
        if not live:
            await adjust_stock(call, loaded, line, line["Quantity"])
    if not live:
        add_up(loaded)
    await write_order(call, loaded)


async def _check_line(call: Call, loaded: Loaded, priced: PricedOrder, line: Values) -> None:
    check_product(priced, line)
    for refusal in refusals_of(priced, line, final=False):
        raise refusal
    if not line["IsBundle"]:
        await check_stock(call, loaded, priced, line)
    product = priced.product(line)
    if product is not None and line["ShipFromAddressID"] is None and product.ship_from is not None:
        line["ShipFromAddressID"], line["ShipFromAddress"] = product.ship_from["ID"], product.ship_from


async def write_terms(call: Call, loaded: Loaded, line: Values, values: Values, old: Values | None) -> None:
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
        line["ShipFromAddressID"], line["ShipFromAddress"] = await _ship_from(call, line, wanted)
    elif old is not None and not wanted and old["ShipFromAddressID"]:
        line["ShipFromAddressID"] = line["ShipFromAddress"] = None
    _write_price(call, line, values["UnitPrice"], old)


def _write_price(call: Call, line: Values, price: Decimal | None, old: Values | None) -> None:
    """MON-8: a price of one's own, or none; repeating the present one is none (inferred). A bundle has none (LI-7)."""
    if line["IsBundle"] or (old is not None and price == old["UnitPrice"]):
        return
    if price is None:
        line["PriceOverridden"] = False
        return
    require_override(call)
    line["UnitPrice"], line["PriceOverridden"] = price, True
    line["LineSubtotal"] = line["LineSubtotal"] or Decimal(0)


async def _ship_from(call: Call, line: Values, address_id: str) -> tuple[str, Values]:
    row = await call.db.fetchrow(SHIP_FROM, call.marketplace_id, address_id, line["SupplierID"])
    if row is None:
        raise NotFoundError("Address", address_id)
    return row["ID"], load(row["wire"])


async def _rename(call: Call, loaded: Loaded, line: Values, wanted: str) -> None:
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
    line["ID"] = new


OPERATIONS: tuple[Operation, ...] = (
    create_line,
    get_line,
    save_line,
    patch_line,
    delete_line,
    set_line_address,
    patch_line_address,
)

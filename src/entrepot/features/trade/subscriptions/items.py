"""Items of subscriptions: lines of the orders to come, checked and priced like lines (SBS-1)."""

from __future__ import annotations

from typing import Any

from entrepot.declare.operation import Body, Created, Operation, Reply, Returns
from entrepot.engine.call import Call
from entrepot.engine.incrementors import fill_incrementors
from entrepot.engine.standing import confirm_standing
from entrepot.engine.wire.merge import merge, replace
from entrepot.engine.wire.models import validate
from entrepot.features.trade.orders.lines.bundles import bundle_of_lines
from entrepot.features.trade.orders.lines.checks import check_facts, keep_price, refuse_bundle_parts
from entrepot.features.trade.orders.lines.writing import new_line, write_terms
from entrepot.features.trade.orders.models.lines import BundleItems, LineItem
from entrepot.features.trade.orders.priced import PricedOrder
from entrepot.features.trade.orders.pricing.stock import read_records, record_of
from entrepot.features.trade.orders.rows import LineRow, by_name
from entrepot.features.trade.subscriptions import store
from entrepot.features.trade.subscriptions.declaring import twins
from entrepot.features.trade.subscriptions.lists import list_items
from entrepot.features.trade.subscriptions.pricing import project, refusal_of
from entrepot.features.trade.subscriptions.resources import ITEMS
from entrepot.features.trade.subscriptions.store import Template
from entrepot.kernel.errors import (
    BundleItemMissingError,
    BundleProductError,
    BundleQuantityMissingError,
    ChangeProductError,
    IdExistsError,
    InsufficientRolesError,
    InvalidBodyError,
    NotFoundError,
    PriceScheduleMissingError,
    RemoveBundleError,
    RemoveRequiredBundleItemError,
    ValidationError,
)

Values = dict[str, Any]

COLLECTION, ITEM = ITEMS.path, f"{ITEMS.path}/{{subscriptionItemID}}"
BUNDLES = "/subscriptions/{subscriptionID}/bundles/{bundleID}"
MY_BUNDLES = "/subscriptions/{subscriptionID}/items/bundles/{bundleID}"
BUNDLE = "/{bundleItemID}"
RETURNS = Returns(LineItem)
WRITES = (
    NotFoundError,
    InsufficientRolesError,
    InvalidBodyError,
    ValidationError,
    IdExistsError,
    PriceScheduleMissingError,
)
BUNDLE_ERRORS = (*WRITES, BundleItemMissingError, BundleQuantityMissingError, BundleProductError)
RENAME = """
UPDATE subscription_items SET "ID" = $4 WHERE marketplace_id = $1 AND subscription_key = $2 AND "ID" = $3
"""


async def get(call: Call) -> Reply:
    """Three statements."""
    await confirm_standing(call)
    template = await store.load(call, await store.require(call, call.path["subscriptionID"], lock=False))
    return Reply(store.render_item(template.loaded.line(call.path["subscriptionItemID"])))


async def create(call: Call) -> Reply:
    """Equal items are never merged, as with lines (LI-2)."""
    values = validate(LineItem, call.body, partial=False)
    template = await _open(call)
    item = await _add(call, template, values)
    above = {"subscriptionID": template.subscription["ID"]}
    return Reply(store.render_item(item), created=Created(item["ID"], above))


async def save(call: Call) -> Reply:
    """PUT: the ID in the path is that of a new item, where there is none."""
    values = validate(LineItem, call.body, partial=False)
    template, wanted = await _open(call), call.path["subscriptionItemID"]
    old = template.loaded.find_line(wanted)
    keep_price(call, values, old)
    if old is None:
        values["ID"] = values["ID"] or wanted
        return Reply(store.render_item(await _add(call, template, values)))
    values["ID"] = values["ID"] or old["ID"]
    return await _change(call, template, old, replace(LineItem, by_name(old), values))


async def patch(call: Call) -> Reply:
    """PATCH: changes only what the body names."""
    changes = validate(LineItem, call.body, partial=True)
    template = await _open(call)
    old = template.loaded.line(call.path["subscriptionItemID"])
    return await _change(call, template, old, merge(LineItem, by_name(old), changes))


async def delete(call: Call) -> Reply:
    """What a bundle requires goes with the bundle alone (LI-7)."""
    template = await _open(call)
    item = template.loaded.line(call.path["subscriptionItemID"])
    await refuse_bundle_parts(call, template.loaded, item)
    template.loaded.lines.remove(item)
    await _finish(call, template, [])
    return Reply()


async def create_bundle(call: Call) -> Reply:
    """201 with the head; without lines in the body the required products at their default quantities."""
    body = validate(BundleItems, call.body, partial=False)
    template = await _open(call)
    wanted = body["LineItems"] or []
    items = await bundle_of_lines(call, template.loaded, call.path["bundleID"], wanted)
    await _finish(call, template, items)
    return Reply(store.render_item(items[0]))


async def delete_bundle(call: Call) -> Reply:
    """The head and all that was taken with it."""
    template = await _open(call)
    lines, wanted = template.loaded.lines, call.path["bundleItemID"]
    head = template.loaded.line(wanted)
    if not head["IsBundle"] or (head["bundle_id"] or "").lower() != call.path["bundleID"].lower():
        raise NotFoundError("LineItem", wanted)
    lines[:] = [item for item in lines if item is not head and item["BundleItemID"] != head["ID"]]
    await _finish(call, template, [])
    return Reply()


async def _open(call: Call) -> Template:
    return await store.load(call, await store.require(call, call.path["subscriptionID"], lock=True))


async def _add(call: Call, template: Template, values: Values) -> LineRow:
    item = await new_line(call, template.loaded, values)
    await _finish(call, template, [item])
    return item


async def _change(call: Call, template: Template, item: LineRow, values: Values) -> Reply:
    if values["ProductID"].lower() != item["ProductID"].lower():
        raise ChangeProductError
    old = item.copy()
    if values["ID"] != item["ID"]:
        await _rename(call, template, item, values["ID"])
    await write_terms(call, template.loaded, item, values, old)
    await _finish(call, template, [item])
    return Reply(store.render_item(item))


async def _finish(call: Call, template: Template, items: list[LineRow]) -> None:
    """Check new or changed items, price all, and write them with ProjectedSubtotal. Stock is not looked at: what there
    is now says nothing about the day of an order.
    """
    for item in items:
        check_facts(item)
    priced = await project(call, template)
    for item in items:
        refusal = refusal_of(priced, item)
        if refusal is not None:
            raise refusal
    await _check_records(call, template, items)
    _inherit_origin(priced, items)
    await store.save(call, template)


async def _check_records(call: Call, template: Template, items: list[LineRow]) -> None:
    """INV-3. 404 for a record that the buyer may not order from."""
    records = await read_records(call, template.loaded, items)
    for item in items:
        if item["InventoryRecordID"]:
            record = record_of(records, item)
            if record is None or not record["meant"]:
                raise NotFoundError("InventoryRecord", item["InventoryRecordID"])
            item["InventoryRecordID"] = record["ID"]


def _inherit_origin(priced: PricedOrder, items: list[LineRow]) -> None:
    """LI-4"""
    for item in items:
        product = priced.product(item)
        if product is not None and item["ShipFromAddressID"] is None and product.ship_from is not None:
            item["ShipFromAddressID"], item["ShipFromAddress"] = product.ship_from["ID"], product.ship_from


async def _rename(call: Call, template: Template, item: LineRow, wanted: str) -> None:
    old, new = item["ID"], await fill_incrementors(call, wanted)
    loaded = template.loaded
    if any(other is not item and other["ID"].lower() == new.lower() for other in loaded.lines):
        raise IdExistsError("LineItem", new)
    for other in loaded.lines:
        if other["BundleItemID"] == old:
            other["BundleItemID"] = new
    await call.db.execute(RENAME, call.marketplace_id, template.key, old, new)
    loaded.kept_lines[new] = loaded.kept_lines.pop(old) | {"ID": new}
    item["ID"] = new


OPERATIONS: tuple[Operation, ...] = (
    *twins(
        "SubscriptionItems.List",
        "ListSubscriptionItems",
        f"GET {COLLECTION}",
        list_items,
        "List the items of a subscription",
        lists=ITEMS.lists,
        returns=Returns(LineItem, page=True),
        errors=(NotFoundError,),
    ),
    *twins(
        "SubscriptionItems.Get",
        "GetSubscriptionItem",
        f"GET {ITEM}",
        get,
        "Get an item of a subscription",
        returns=RETURNS,
        errors=(NotFoundError,),
    ),
    *twins(
        "SubscriptionItems.Create",
        "CreateSubscriptionItem",
        f"POST {COLLECTION}",
        create,
        "Add an item to a subscription",
        status=201,
        body=Body(LineItem),
        returns=RETURNS,
        errors=WRITES,
    ),
    *twins(
        "SubscriptionItems.Save",
        "SaveSubscriptionItem",
        f"PUT {ITEM}",
        save,
        "Create or replace an item of a subscription",
        body=Body(LineItem),
        returns=RETURNS,
        errors=(*WRITES, ChangeProductError),
    ),
    *twins(
        "SubscriptionItems.Patch",
        "PatchSubscriptionItem",
        f"PATCH {ITEM}",
        patch,
        "Change parts of an item of a subscription",
        body=Body(LineItem, partial=True),
        returns=RETURNS,
        errors=(*WRITES, ChangeProductError),
    ),
    *twins(
        "SubscriptionItems.Delete",
        "DeleteSubscriptionItem",
        f"DELETE {ITEM}",
        delete,
        "Delete an item of a subscription",
        status=204,
        errors=(NotFoundError, RemoveBundleError, RemoveRequiredBundleItemError),
    ),
    *twins(
        "BundleSubscriptionItems.Create",
        "CreateSubscriptionBundleItem",
        f"POST {BUNDLES}",
        create_bundle,
        "Add a bundle to a subscription",
        personal_path=MY_BUNDLES,
        status=201,
        body=Body(BundleItems, required=False),
        returns=RETURNS,
        errors=BUNDLE_ERRORS,
    ),
    *twins(
        "BundleSubscriptionItems.Delete",
        "DeleteSubscriptionBundleItem",
        f"DELETE {BUNDLES}{BUNDLE}",
        delete_bundle,
        "Remove a bundle from a subscription",
        personal_path=f"{MY_BUNDLES}{BUNDLE}",
        status=204,
        errors=(NotFoundError,),
    ),
)

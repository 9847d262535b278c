"""The stock that an order's lines draw on: found, checked, taken and given back (INV-1 to INV-3, IRC-5)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from entrepot.domain.orders.status import OrderStatus
from entrepot.domain.orders.stock import Draw, Stock, shortages
from entrepot.engine.call import Call
from entrepot.engine.wire.json import dump
from entrepot.features.catalog.shopping.stock import is_meant
from entrepot.features.trade.orders.companies import buyer_of
from entrepot.features.trade.orders.priced import Known
from entrepot.features.trade.orders.pricing.facts import read_facts
from entrepot.features.trade.orders.pricing.taking import take
from entrepot.features.trade.orders.rows import LineRow
from entrepot.features.trade.orders.store import Loaded
from entrepot.kernel.errors import NotFoundError, StockError
from entrepot.kernel.sql import Sql

Values = dict[str, Any]

GROUPS = Sql("""
ARRAY(SELECT gm.group_key FROM user_group_members gm WHERE gm.marketplace_id = :marketplace_id AND gm.user_key = :user_key)""")
RECORDS = Sql(f"""
SELECT r.key, r."ProductID", r."VariantID", r."ID", r."QuantityAvailable", r."OrderCanExceed",
       {is_meant("r", GROUPS)} AS meant
FROM json_to_recordset(:wanted::json) AS w(product citext, record citext)
JOIN inventory_records r ON r.marketplace_id = :marketplace_id AND r."ProductID" = w.product AND r."ID" = w.record
""").bound("marketplace_id", "wanted", "buyer", "user_key")
Records = dict[tuple[str, str | None, str], Values]


async def read_records(call: Call, loaded: Loaded, lines: list[LineRow]) -> Records:
    """The inventory records that lines name, by product, variant and record. One statement, none where lines name none."""
    wanted = [
        {"product": line["ProductID"], "record": line["InventoryRecordID"]}
        for line in lines
        if line["InventoryRecordID"]
    ]
    if not wanted:
        return {}
    order = loaded.order
    rows = await call.db.fetch(RECORDS, call.marketplace_id, dump(wanted), buyer_of(order), order["user_key"])
    return {
        (
            row["ProductID"].lower(),
            row["VariantID"] and row["VariantID"].lower(),
            row["ID"].lower(),
        ): dict(row)
        for row in rows
    }


def record_of(records: Records, line: LineRow) -> Values | None:
    """The record that a line names: its variant's, or its product's."""
    variant = None if line["Variant"] is None else line["Variant"]["ID"].lower()
    name = (line["InventoryRecordID"] or "").lower()
    product = line["ProductID"].lower()
    return records.get((product, variant, name)) or records.get((product, None, name))


def draw_of(known: Known, records: Records, line: LineRow) -> Draw:
    """What a line takes from which stock (INV-1): the record that it names; nothing where its product has records and
    the line names none; else the variant or the product, if they are counted.
    """
    product = known.product(line)
    variant = None if line["Variant"] is None else line["Variant"]["ID"]
    stock: Stock | None = None
    inventory = None if product is None else product.inventory
    if line["InventoryRecordID"]:
        record = record_of(records, line)
        if record is not None:
            stock = Stock(
                "record",
                line["ProductID"],
                str(record["key"]),
                record["QuantityAvailable"],
                record["OrderCanExceed"],
            )
    elif product is not None and inventory is not None and inventory["Enabled"] and not product.has_records:
        exceeds = bool(inventory["OrderCanExceed"])
        if not inventory["VariantLevelTracking"]:
            available = inventory["QuantityAvailable"] or 0
            stock = Stock("product", line["ProductID"], line["ProductID"], available, exceeds)
        elif variant is not None:
            found = known.variant(line)
            counted = None if found is None or found.inventory is None else found.inventory
            available = 0 if counted is None else counted["QuantityAvailable"] or 0
            stock = Stock("variant", line["ProductID"], variant, available, exceeds)
    return Draw(line["ID"], line["ProductID"], variant, line["Quantity"], stock)


def draws_of(loaded: Loaded, known: Known, records: Records) -> list[Draw]:
    """What all lines take; heads of bundles take nothing."""
    return [draw_of(known, records, line) for line in loaded.lines if not line["IsBundle"]]


async def frozen_draws(call: Call, loaded: Loaded) -> tuple[Draw, ...]:
    """What the lines of an order that follows its products no more draw on. Three statements at most.

    What is left of variants is not known here; whoever takes finds out under the lock.
    """
    live = [line for line in loaded.lines if not line["ad_hoc"] and not line["IsBundle"]]
    facts = await read_facts(call, loaded.order, (line["ProductID"] for line in live))
    records = await read_records(call, loaded, live)
    return tuple(draws_of(loaded, Known(facts), records))


async def check_stock(call: Call, loaded: Loaded, known: Known, line: LineRow) -> None:
    """INV-1 when a line is added or its quantity changes: Inventory.Insufficient, nothing is reserved. 404 for a record
    that the buyer may not order from (INV-3).
    """
    records = await read_records(call, loaded, loaded.lines)
    if line["InventoryRecordID"]:
        record = record_of(records, line)
        if record is None or not record["meant"]:
            raise NotFoundError("InventoryRecord", line["InventoryRecordID"])
        line["InventoryRecordID"] = record["ID"]
    for shortage in shortages(draws_of(loaded, known, records)):
        if shortage.line_id == line["ID"]:
            raise StockError(shortage.data)


async def adjust_stock(call: Call, loaded: Loaded, line: LineRow, quantity: int) -> None:
    """Take `quantity` more for a line of an open order, or give it back; without a check (INV-2)."""
    if loaded.order["Status"] != OrderStatus.OPEN or line["ad_hoc"] or line["IsBundle"]:
        return
    facts = await read_facts(call, loaded.order, [line["ProductID"]])
    draw = draw_of(Known(facts), await read_records(call, loaded, [line]), line)
    await take(call, [replace(draw, quantity=quantity)], check=False)

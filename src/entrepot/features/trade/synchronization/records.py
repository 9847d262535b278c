"""Messages of inventory records: of one that has changed, of all of a product in a full synchronization (SYNC-3)."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from entrepot.engine.call import Call
from entrepot.engine.syncing import Name
from entrepot.engine.wire.json import load
from entrepot.engine.wire.render import Row
from entrepot.features.trade.synchronization.built import ALL, Message, payload
from entrepot.features.trade.synchronization.kinds import INVENTORY_RECORDS

Values = dict[str, Any]

RECORD = """t."ProductID", t.key, t."ID", t."OwnerID", ad."ID" AS "AddressID", t."OrderCanExceed", t."QuantityAvailable",
       ad."Zip", t.xp
FROM inventory_records t JOIN addresses ad ON ad.marketplace_id = $1 AND ad.key = t.address_key
"""
"""What a SELECT of them goes on with."""
SHOWN = ("ID", "OwnerID", "AddressID", "OrderCanExceed", "QuantityAvailable", "Zip")
READ = f"""
SELECT {RECORD} WHERE t.marketplace_id = $1 AND t.key = ANY($2::bigint[]) ORDER BY t.key
"""
OF_PRODUCTS = f"""
SELECT {RECORD} WHERE t.marketplace_id = $1 AND t."ProductID" = ANY($2::citext[]) ORDER BY t."ProductID", t."ID", t.key
"""


async def build(call: Call, names: Iterable[Name]) -> list[Message]:
    """Of those that are there, each with itself. One statement."""
    rows = await call.db.fetch(READ, call.marketplace_id, [name[0] for name in names])
    return [
        Message(
            kind=INVENTORY_RECORDS,
            name=(row["key"],),
            aggregate=f"inventoryrecord/{row['key']}",
            payload=payload(
                {"ID": row["ID"], "ProductID": row["ProductID"], "InventoryRecords": [shown_record(row)]}
            ),
        )
        for row in rows
    ]


async def build_all(call: Call, product_ids: Iterable[str]) -> list[Message]:
    """Of each product one with all its records. One statement."""
    rows = await call.db.fetch(OF_PRODUCTS, call.marketplace_id, list(product_ids))
    return [
        Message(
            kind=INVENTORY_RECORDS,
            name=(product,),
            aggregate=f"inventoryrecords/{product}",
            payload=payload(
                {
                    "ID": None,
                    "ProductID": product,
                    "InventoryRecords": [shown_record(row) for row in of_product],
                }
            ),
            verb=ALL,
        )
        for product, of_product in groupby(rows, key=lambda row: row["ProductID"])
    ]


def shown_record(row: Row) -> Values:
    """As messages have it."""
    return {name: row[name] for name in SHOWN} | {"xp": None if row["xp"] is None else load(row["xp"])}

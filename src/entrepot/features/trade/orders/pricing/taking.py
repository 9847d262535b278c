"""Stock taken from, and given back to, products, variants and inventory records (INV-2, IRC-5).

Whoever changes stock holds the product's row (features/catalog/inventory/quantities.py), here in the order of their IDs: so of two
orders that want the last piece, the second sees what the first has left.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import asyncpg

from entrepot.declare.synced import Thing
from entrepot.domain.orders.stock import Draw, Shortage, Stock, requested
from entrepot.engine.call import Call
from entrepot.engine.syncing import NAMED_BY_CALLER
from entrepot.engine.wire.json import dump, load
from entrepot.kernel.clock import format_datetime
from entrepot.kernel.errors import StockError

Values = dict[str, Any]
Named = tuple[str, str]
"""A product and a variant of it, in lower case, or the key of a record."""

LOCK_PRODUCTS = """
SELECT t."ID", t."Inventory" FROM products t
WHERE t.marketplace_id = $1 AND t."ID" = ANY(CAST((SELECT $2::citext[]) AS citext[])) ORDER BY t."ID" FOR NO KEY UPDATE
"""
"""The array behind a SELECT: the planner, which would look at its length, plans the statement once."""
LOCK_VARIANTS = """
SELECT t."ProductID", t."ID", t."Inventory" FROM json_to_recordset($2::json) AS w(product citext, id citext)
JOIN variants t ON t.marketplace_id = $1 AND t."ProductID" = w.product AND t."ID" = w.id
ORDER BY t."ProductID", t."ID" FOR NO KEY UPDATE OF t
"""
LOCK_RECORDS = """
SELECT t.key, t."ProductID", t."VariantID", t."ID", t."QuantityAvailable", t."NotificationPoint"
FROM json_to_recordset($2::json) AS w(id bigint)
JOIN inventory_records t ON t.marketplace_id = $1 AND t.key = w.id
ORDER BY t.key FOR NO KEY UPDATE OF t
"""
WRITE_PRODUCTS = """
UPDATE products t SET "Inventory" = v.inventory FROM json_to_recordset($2::json) AS v(id citext, inventory json)
WHERE t.marketplace_id = $1 AND t."ID" = v.id
"""
WRITE_ALL = f"""
{NAMED_BY_CALLER} WITH variant AS (
    UPDATE variants t SET "Inventory" = v.inventory
    FROM json_to_recordset($3::json) AS v(product citext, id citext, inventory json)
    WHERE t.marketplace_id = $1 AND t."ProductID" = v.product AND t."ID" = v.id),
record AS (
    UPDATE inventory_records t SET "QuantityAvailable" = v.quantity, "LastUpdated" = $5
    FROM json_to_recordset($4::json) AS v(key bigint, quantity bigint)
    WHERE t.marketplace_id = $1 AND t.key = v.key)
{WRITE_PRODUCTS}
"""


async def take(call: Call, draws: Iterable[Draw], *, check: bool = True) -> None:
    """Take what these lines ask for; a negative quantity is given back. One statement for each level of stock that is
    concerned and one more, none where nothing is counted. Raises Inventory.Insufficient, unless `check` is off (INV-2).
    """
    draws = [draw for draw in draws if draw.stock is not None]
    wanted = list(requested(draws).values())
    if not wanted:
        return
    moving = _Moving(call)
    await moving.lock([stock for stock, _ in wanted])
    for stock, quantity in wanted:
        left = moving.left(stock)
        if check and quantity > left and not stock.can_exceed:
            first = next(draw for draw in draws if draw.stock == stock)
            shortage = Shortage(first.line_id, first.product_id, first.variant_id, left, quantity)
            raise StockError(shortage.data)
        moving.move(stock, quantity)
    await moving.write()


class _Moving:
    """The locked rows, and their quantities as they are to be."""

    def __init__(self, call: Call) -> None:
        self.call = call
        self.products: dict[str, Values] = {}
        self.variants: dict[Named, Values] = {}
        self.records: dict[Named, asyncpg.Record] = {}
        self.quantities: dict[Named, int] = {}
        self.names: dict[tuple[str, ...], tuple[str, str | None]] = {}
        """Products and variants as they are spelled."""
        self.before: dict[tuple[str, ...], int | None] = {}
        """What they showed."""

    async def lock(self, stocks: list[Stock]) -> None:
        call = self.call
        ids = sorted({stock.product_id.lower() for stock in stocks})
        for row in await call.db.fetch(LOCK_PRODUCTS, call.marketplace_id, ids):
            self.products[row["ID"].lower()] = inventory = _inventory(row)
            self._keep((row["ID"].lower(),), (row["ID"], None), inventory)
        levels: Mapping[str, list[Values]] = defaultdict(list)
        for stock in stocks:
            levels[stock.level].append({"product": stock.product_id, "id": stock.id})
        if levels["record"]:
            for row in await call.db.fetch(LOCK_RECORDS, call.marketplace_id, dump(levels["record"])):
                named = (row["ProductID"].lower(), str(row["key"]))
                self.records[named] = row
                self.quantities[named] = row["QuantityAvailable"]
                if row["VariantID"] is not None:
                    levels["variant"].append({"product": row["ProductID"], "id": row["VariantID"]})
        if levels["variant"]:
            for row in await call.db.fetch(LOCK_VARIANTS, call.marketplace_id, dump(levels["variant"])):
                named = row["ProductID"].lower(), row["ID"].lower()
                self.variants[named] = inventory = _inventory(row)
                self._keep(named, (row["ProductID"], row["ID"]), inventory)

    def _keep(self, named: tuple[str, ...], spelled: tuple[str, str | None], inventory: Values) -> None:
        self.names[named], self.before[named] = spelled, inventory.get("QuantityAvailable")

    def note(self) -> None:
        """Say what has moved (INV-1)."""
        shown = {(product,): value for product, value in self.products.items()} | dict(self.variants)
        for named, inventory in shown.items():
            after, point = inventory.get("QuantityAvailable"), inventory.get("NotificationPoint")
            self.call.moved(*self.names[named], None, self.before[named], after, point)
        for where, row in self.records.items():
            place = (row["ProductID"], row["VariantID"], row["ID"])
            before, after = row["QuantityAvailable"], self.quantities[where]
            self.call.moved(*place, before, after, row["NotificationPoint"])

    def left(self, stock: Stock) -> int:
        """What there is now, under the lock."""
        named = (stock.product_id.lower(), stock.id.lower())
        match stock.level:
            case "record":
                return self.quantities.get(named, 0)
            case "variant":
                return self.variants.get(named, {}).get("QuantityAvailable") or 0
            case "product":
                return self.products.get(named[0], {}).get("QuantityAvailable") or 0

    def move(self, stock: Stock, quantity: int) -> None:
        """Lower the stock, and the sums above it (IRC-3, INV-2)."""
        product, name = stock.product_id.lower(), stock.id.lower()
        if stock.level == "record" and (product, name) in self.records:
            self.quantities[product, name] -= quantity
            variant = self.records[product, name]["VariantID"]
            if variant is not None:
                self._lower(self.variants.get((product, variant.lower())), quantity)
        if stock.level == "variant":
            self._lower(self.variants.get((product, name)), quantity)
        self._lower(self.products.get(product), quantity)

    def _lower(self, inventory: Values | None, quantity: int) -> None:
        if inventory is not None:
            inventory["QuantityAvailable"] = (inventory.get("QuantityAvailable") or 0) - quantity
            inventory["LastUpdated"] = format_datetime(self.call.clock())

    async def write(self) -> None:
        call = self.call
        self.note()
        products = [{"id": id_, "inventory": value} for id_, value in self.products.items() if value]
        if not self.variants and not self.records:
            await call.enqueue(WRITE_PRODUCTS, call.marketplace_id, dump(products))
            return
        variants = [{"product": p, "id": i, "inventory": v} for (p, i), v in self.variants.items()]
        records = [{"key": row["key"], "quantity": self.quantities[n]} for n, row in self.records.items()]
        with call.naming(Thing.INVENTORY_RECORDS, [[row["key"]] for row in self.records.values()]):
            await call.enqueue(
                WRITE_ALL, call.marketplace_id, dump(products), dump(variants), dump(records), call.clock()
            )


def _inventory(row: asyncpg.Record) -> Values:
    text = row["Inventory"]
    inventory: Values = load(text) if text else {}
    return inventory

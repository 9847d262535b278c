"""Orders and what belongs to them into tables, beside a seed and in its transaction, in their states and with their dates."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Any

import asyncpg

from entrepot.declare.entity import Entity
from entrepot.domain.orders.status import OrderStatus
from entrepot.engine.statements import texts
from entrepot.engine.wire.json import dump
from entrepot.features.seeding.pace import BATCH
from entrepot.features.seeding.problems import Problem, SeedRefusedError
from entrepot.features.seeding.remote import trade_rows as rows
from entrepot.features.seeding.remote import trading as trade
from entrepot.features.seeding.remote.findings import Findings
from entrepot.features.seeding.remote.store import Store
from entrepot.features.seeding.remote.trade_rows import Order, Places
from entrepot.features.seeding.seeding import Progress
from entrepot.features.trade.checkout.worksheets import RESPONSES

Values = dict[str, Any]

OWNED = (
    'SELECT key, "ID", coalesce("BuyerID", \'\') AS buyer, {} AS supplier FROM {} WHERE marketplace_id = $1'
)
ORDERS = """
SELECT key, "ID", "FromCompanyID", "ToCompanyID", from_seller, user_key, "Status" FROM orders WHERE marketplace_id = $1
"""
CODES = 'SELECT "Code" FROM promotion_codes WHERE marketplace_id = $1'
ANSWERED = f"""
UPDATE orders SET {", ".join(f"{column} = ${place}" for place, column in enumerate(RESPONSES.values(), 3))}
WHERE marketplace_id = $1 AND key = $2
"""
KEYS = 'SELECT "ID", key FROM {} WHERE marketplace_id = $1'
SHARED_LINES = """
UPDATE line_items t SET source_order_key = o.key, source_line_id = s."ID"
FROM orders m, orders o, line_items s
WHERE t.marketplace_id = $1 AND m.marketplace_id = $1 AND m.key = t.order_key AND m.from_seller
  AND o.marketplace_id = $1 AND o."ID" = t."IncomingOrderID" AND o.to_seller
  AND s.marketplace_id = $1 AND s.order_key = o.key AND s."ID" = t."ID"
"""
"""The lines that a supplier's order shares with the buyer's: a split keeps their IDs (FWD-3)."""
ORIGINS = """
UPDATE orders m SET origin_key = t.source_order_key FROM line_items t
WHERE m.marketplace_id = $1 AND m.from_seller AND t.marketplace_id = $1 AND t.order_key = m.key AND t.source_order_key IS NOT NULL
"""
WITH_PROMOTIONS = """
UPDATE orders o SET has_promotions = true WHERE o.marketplace_id = $1
  AND EXISTS (SELECT 1 FROM order_promotions p WHERE p.marketplace_id = $1 AND p.order_key = o.key)
"""
REDEEMED = """
UPDATE promotions t SET "RedemptionCount" = u.uses
FROM (SELECT "PromotionID", count(DISTINCT order_key) AS uses FROM order_promotions
      WHERE marketplace_id = $1 AND redeemer_key IS NOT NULL GROUP BY "PromotionID") u
WHERE t.marketplace_id = $1 AND t."ID" = u."PromotionID"
"""
SHIPPED_WHOLE = f"""
UPDATE orders o SET completed_by_shipping = true WHERE o.marketplace_id = $1 AND o."Status" IN ({texts({OrderStatus.COMPLETED})})
  AND EXISTS (SELECT 1 FROM shipment_items i WHERE i.marketplace_id = $1 AND i.order_key = o.key)
  AND NOT EXISTS (SELECT 1 FROM line_items t WHERE t.marketplace_id = $1 AND t.order_key = o.key
                  AND NOT t."IsBundle" AND t."QuantityShipped" < t."Quantity")
"""
SETTLED = (SHARED_LINES, ORIGINS, WITH_PROMOTIONS, REDEEMED, SHIPPED_WHOLE)
"""What follows from all rows together."""


class TradeWriter:
    """Writes what a store holds of the orders of `former` into `marketplace`, on a connection with an open transaction."""

    def __init__(
        self,
        connection: asyncpg.Connection,
        store: Store,
        former: str,
        marketplace: str,
        findings: Findings,
        progress: Progress,
    ) -> None:
        self._connection = connection
        self._store = store
        self._former = former
        self._marketplace = marketplace
        self._findings = findings
        self._progress = progress
        self._entities = {each.name: each.entity for each in trade.TRADE}
        self._marketplace_id = 0
        self._places = Places({}, {}, {})
        self.counts: dict[str, int] = {}
        """The rows of each kind."""

    async def write(self) -> tuple[str, ...]:
        """All of it; the names of the tables. Raises SeedRefusedError."""
        sql = 'SELECT marketplace_id FROM marketplaces WHERE "ID" = $1'
        self._marketplace_id = await self._connection.fetchval(sql, self._marketplace)
        self._places = await self._standing()
        make: dict[str, Callable[[Sequence[Values]], list[Values]]] = {
            trade.ORDERS: self._orders,
            trade.LINES: self._lines,
            trade.APPROVALS: self._approvals,
            trade.PROMOTIONS: self._promotions,
            trade.PAYMENTS: self._payments,
            trade.SHIPMENTS: self._shipments,
            trade.SHIPPED: self._shipped,
            trade.RETURNS: self._returns,
            trade.RETURN_APPROVALS: self._return_approvals,
            trade.SUBSCRIPTIONS: self._subscriptions,
            trade.SUBSCRIBED: self._subscribed,
        }
        advance = self._progress.begin("Writing orders", len(make))
        for name, rows_of in make.items():
            try:
                for records in _in_batches(self._store.records(name)):
                    await self._copy(name, rows_of(records))
                await self._learn(name)
            except (asyncpg.IntegrityConstraintViolationError, asyncpg.DataError, ArithmeticError) as error:
                raise SeedRefusedError([Problem(0, name, f"the database refuses them: {error}")]) from error
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                raise SeedRefusedError(
                    [Problem(0, name, f"they are not what they should be: {error}")]
                ) from error
            advance(1)
        for records in _in_batches(self._store.records(trade.WORKSHEETS)):
            await self._answers(records)
        for sql in SETTLED:
            await self._connection.execute(sql, self._marketplace_id)
        return tuple(self._entities[name].table for name in make)

    async def _standing(self) -> Places:
        async def owned(table: str, supplier: str) -> dict[rows.Owned, int]:
            found = await self._connection.fetch(OWNED.format(supplier, table), self._marketplace_id)
            return {
                (row["buyer"].lower(), row["supplier"].lower(), row["ID"].lower()): row["key"]
                for row in found
            }

        by_both = "coalesce(\"SupplierID\", '')"
        return Places(
            await owned("users", by_both),
            await owned("user_groups", by_both),
            await owned("spending_accounts", "''"),
            codes={row[0].lower() for row in await self._connection.fetch(CODES, self._marketplace_id)},
        )

    async def _answers(self, records: Sequence[Values]) -> None:
        """What integrations have answered for orders, into their rows."""
        answers = [
            (self._marketplace_id, order.key, *(_text(item.get(name)) for name in RESPONSES))
            for order, items in self._by_order(trade.WORKSHEETS, records)
            for item in items
        ]
        await self._connection.executemany(ANSWERED, answers)
        self.counts[trade.WORKSHEETS] = self.counts.get(trade.WORKSHEETS, 0) + len(answers)

    async def _copy(self, name: str, made: list[Values]) -> None:
        self.counts[name] = self.counts.get(name, 0) + len(made)
        for columns, alike in groupby(made, key=tuple):
            await self._connection.copy_records_to_table(
                self._entities[name].table,
                columns=("marketplace_id", *columns),
                records=[(self._marketplace_id, *row.values()) for row in alike],
            )

    async def _learn(self, name: str) -> None:
        """The keys of what has been written."""
        match name:
            case trade.ORDERS:
                for row in await self._connection.fetch(ORDERS, self._marketplace_id):
                    side = trade.side_of(dict(row), self._marketplace)
                    buyer = "" if row["from_seller"] else row["FromCompanyID"].lower()
                    self._places.orders[side.lower(), row["ID"].lower()] = Order(
                        row["key"], buyer, row["user_key"], row["Status"], rows.is_submitted(row["Status"])
                    )
            case trade.RETURNS:
                self._places.returns = await self._keys("order_returns")
            case trade.SUBSCRIPTIONS:
                self._places.subscriptions = await self._keys("subscriptions")

    async def _keys(self, table: str) -> dict[str, int]:
        found = await self._connection.fetch(KEYS.format(table), self._marketplace_id)
        return {row["ID"].lower(): row["key"] for row in found}

    # --- kinds ------------------------------------------------------------------------------------------------

    def _item(self, record: Values) -> Values:
        item: Values = rows.moved(record["Item"], self._former, self._marketplace)
        return item

    def _entity(self, name: str) -> Entity:
        return self._entities[name]

    def _by_order(self, name: str, records: Sequence[Values]) -> Iterator[tuple[Order, list[Values]]]:
        for home, group in groupby(records, key=lambda record: sorted(record["Home"].items())):
            some = list(group)
            order = self._places.order_of(some[0])
            if order is None:
                self._findings.dropped[f"{name} of {home}"] += len(some)
            else:
                yield order, [self._item(record) for record in some]

    def _orders(self, records: Sequence[Values]) -> list[Values]:
        entity = self._entity(trade.ORDERS)
        return [
            rows.order_row(entity, self._item(record), self._places, self._marketplace) for record in records
        ]

    def _lines(self, records: Sequence[Values]) -> list[Values]:
        made = []
        for order, items in self._by_order(trade.LINES, records):
            made += rows.line_rows(self._entity(trade.LINES), order, items)
            self._places.lines |= {(order.key, str(item["ID"]).lower()) for item in items}
        return made

    def _approvals(self, records: Sequence[Values]) -> list[Values]:
        entity = self._entity(trade.APPROVALS)
        return [
            row
            for order, items in self._by_order(trade.APPROVALS, records)
            for row in rows.approval_rows(entity, order, items, self._places)
        ]

    def _promotions(self, records: Sequence[Values]) -> list[Values]:
        entity = self._entity(trade.PROMOTIONS)
        return [
            row
            for order, items in self._by_order(trade.PROMOTIONS, records)
            for row in rows.promotion_rows(entity, order, items, self._places)
        ]

    def _payments(self, records: Sequence[Values]) -> list[Values]:
        entity = self._entity(trade.PAYMENTS)
        return [
            row
            for order, items in self._by_order(trade.PAYMENTS, records)
            for row in rows.payment_rows(entity, order, items, self._places)
        ]

    def _shipments(self, records: Sequence[Values]) -> list[Values]:
        return [rows.stored(self._entity(trade.SHIPMENTS), self._item(record)) for record in records]

    def _shipped(self, records: Sequence[Values]) -> list[Values]:
        made = []
        for record in records:
            item, home = self._item(record), record["Home"]
            order = self._places.order_named(item["OrderID"], item["LineItemID"])
            if order is None:
                self._findings.dropped[trade.SHIPPED] += 1
            else:
                made.append(
                    rows.stored(
                        self._entity(trade.SHIPPED), item, ShipmentID=home["shipmentID"], order_key=order.key
                    )
                )
        return made

    def _returns(self, records: Sequence[Values]) -> list[Values]:
        made = []
        for record in records:
            item = self._item(record)
            order = self._places.order_named(item["OrderID"])
            if order is None:
                self._findings.dropped[trade.RETURNS] += 1
            else:
                made.append(rows.return_row(self._entity(trade.RETURNS), order, item))
        return made

    def _return_approvals(self, records: Sequence[Values]) -> list[Values]:
        entity = self._entity(trade.RETURN_APPROVALS)
        made = []
        for returned, group in groupby(records, key=lambda record: str(record["Home"]["returnID"]).lower()):
            key, items = self._places.returns.get(returned), [self._item(record) for record in group]
            if key is None:
                self._findings.dropped[trade.RETURN_APPROVALS] += len(items)
            else:
                made += rows.return_approval_rows(entity, key, items, self._places)
        return made

    def _subscriptions(self, records: Sequence[Values]) -> list[Values]:
        entity = self._entity(trade.SUBSCRIPTIONS)
        found = [
            rows.subscription_row(entity, self._item(record), self._places, self._marketplace)
            for record in records
        ]
        made = [row for row in found if row is not None]
        if len(made) < len(found):
            self._findings.dropped[trade.SUBSCRIPTIONS] += len(found) - len(made)
        return made

    def _subscribed(self, records: Sequence[Values]) -> list[Values]:
        entity = self._entity(trade.SUBSCRIBED)
        made = []
        for record in records:
            item = self._item(record)
            key = self._places.subscriptions.get(str(record["Home"]["subscriptionID"]).lower())
            if key is None:
                self._findings.dropped[trade.SUBSCRIBED] += 1
            else:
                bundle = item["ProductID"] if item.get("IsBundle") else None
                made.append(rows.stored(entity, item, subscription_key=key, bundle_id=bundle))
        return made


def _text(answer: Any) -> str | None:
    return None if answer is None else dump(answer)


def _in_batches(records: Iterator[Values]) -> Iterator[list[Values]]:
    """Some at a time, those of one place together."""
    batch: list[Values] = []
    for _, group in groupby(records, key=lambda record: record["Home"]):
        batch += group
        if len(batch) >= BATCH:
            yield batch
            batch = []
    if batch:
        yield batch

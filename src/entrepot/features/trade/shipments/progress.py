"""What shipments change of orders: shipped quantities of lines, and completion (SHP-3, ST-8, ST-12).

A line of a buyer's order and the supplier's line that a split made of it are one (FWD-3): what either ships counts for
both.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from entrepot.declare.synced import Thing
from entrepot.domain.orders.status import OrderEvent, OrderStatus, transition
from entrepot.engine.call import Call
from entrepot.engine.syncing import NAMED_BY_CALLER
from entrepot.features.trade.orders import store
from entrepot.features.trade.orders.moving import move
from entrepot.features.trade.orders.rows import OrderRow
from entrepot.features.trade.orders.store import load_all

Values = dict[str, Any]

IN_SHIPMENT = """
SELECT DISTINCT order_key FROM shipment_items WHERE marketplace_id = $1 AND "ShipmentID" = $2
"""
RELATIVES = f"""
SELECT {store.COLUMNS} FROM orders t
WHERE t.marketplace_id = $1
  AND (t.key = ANY($2::bigint[]) OR t.origin_key = ANY($2::bigint[])
       OR t.key IN (SELECT o.origin_key FROM orders o WHERE o.marketplace_id = $1 AND o.key = ANY($2::bigint[])))
ORDER BY t.key FOR NO KEY UPDATE
"""
"""The orders with those that were made of them, and of which they were made; locked in the order of their keys."""
SHIPPED = """
SELECT l.order_key, l."ID" AS line, coalesce(sum(i."QuantityShipped"), 0)::integer AS quantity,
       coalesce(sum(i."QuantityShipped") FILTER (WHERE s."DateShipped" IS NOT NULL), 0)::integer AS gone
FROM line_items l
LEFT JOIN line_items twin ON twin.marketplace_id = $1
     AND (twin.order_key = l.order_key AND twin."ID" = l."ID"
          OR twin.source_order_key = l.order_key AND twin.source_line_id = l."ID"
          OR l.source_order_key = twin.order_key AND l.source_line_id = twin."ID")
LEFT JOIN shipment_items i ON i.marketplace_id = $1 AND i.order_key = twin.order_key AND i."LineItemID" = twin."ID"
     AND i."ShipmentID" IS DISTINCT FROM $3
LEFT JOIN shipments s ON s.marketplace_id = $1 AND s."ID" = i."ShipmentID"
WHERE l.marketplace_id = $1 AND l.order_key = ANY($2::bigint[])
GROUP BY l.order_key, l."ID"
"""
COUNT = f"""
{NAMED_BY_CALLER} WITH shipped AS ({SHIPPED}),
counted AS (
    UPDATE line_items t SET "QuantityShipped" = n.quantity FROM shipped n
    WHERE t.marketplace_id = $1 AND t.order_key = n.order_key AND t."ID" = n.line AND t."QuantityShipped" <> n.quantity)
SELECT l.order_key FROM line_items l JOIN shipped n ON n.order_key = l.order_key AND n.line = l."ID"
WHERE l.marketplace_id = $1 AND l.order_key = ANY($2::bigint[]) AND NOT l."IsBundle"
GROUP BY l.order_key HAVING bool_and(n.gone >= l."Quantity")
"""
"""Writes what is shipped of each line; the orders of which all has gone."""


async def orders_in(call: Call, shipment_id: str) -> list[int]:
    """The keys of the orders of which lines are in a shipment."""
    rows = await call.db.fetch(IN_SHIPMENT, call.marketplace_id, shipment_id)
    return [row["order_key"] for row in rows]


async def lock_family(call: Call, order_keys: Sequence[int]) -> list[OrderRow]:
    """Hold these orders and their relatives until the unit ends; their rows. One statement."""
    rows = await call.db.fetch(RELATIVES, call.marketplace_id, list(order_keys))
    return [store.order_of(row) for row in rows]


async def count_shipped(call: Call, order_keys: Sequence[int], *, without: str | None = None) -> None:
    """Count anew what these orders and their relatives have shipped; complete what is complete, and open again what is
    no more. `without`: as if this shipment were gone. Two statements, none for no orders; where orders move, one for all
    their lines and one each, beside what follows.
    """
    if not order_keys:
        return
    family = await lock_family(call, order_keys)
    keys = [order["key"] for order in family]
    with call.naming(Thing.ORDERS, [[key] for key in keys]):
        gone = {row["order_key"] for row in await call.db.fetch(COUNT, call.marketplace_id, keys, without)}
    events = {order["key"]: event for order in family if (event := _event(order, gone)) is not None}
    for loaded in await load_all(call, [order for order in family if order["key"] in events]):
        event = events[loaded.key]
        loaded.order["completed_by_shipping"] = event is OrderEvent.SHIP_LAST
        await move(call, loaded, event)


def _event(order: OrderRow, gone: Collection[int]) -> OrderEvent | None:
    """What happens to an order whose lines have all gone, or not."""
    status = OrderStatus(order["Status"])
    if order["key"] in gone:
        return OrderEvent.SHIP_LAST if transition(OrderEvent.SHIP_LAST, status) else None
    reopens = order["completed_by_shipping"] and transition(OrderEvent.UNSHIP, status)
    return OrderEvent.UNSHIP if reopens else None

"""What shipments change of orders: shipped quantities of lines, and completion (SHP-3, ST-8, ST-12).

A line of a buyer's order and the supplier's line that a split made of it are one (FWD-3): what either ships counts for
both.
"""

from __future__ import annotations

from collections.abc import Sequence

from entrepot.engine.call import Call

IN_SHIPMENT = """
SELECT DISTINCT order_key FROM shipment_items WHERE marketplace_id = $1 AND "ShipmentID" = $2
"""
RELATIVES = """
SELECT t.key FROM orders t
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
UPDATE line_items t SET "QuantityShipped" = n.quantity FROM ({SHIPPED}) n
WHERE t.marketplace_id = $1 AND t.order_key = n.order_key AND t."ID" = n.line AND t."QuantityShipped" <> n.quantity
"""
ALL_GONE = f"""
SELECT l.order_key FROM line_items l JOIN ({SHIPPED}) n ON n.order_key = l.order_key AND n.line = l."ID"
WHERE l.marketplace_id = $1 AND l.order_key = ANY($2::bigint[]) AND NOT l."IsBundle"
GROUP BY l.order_key HAVING bool_and(n.gone >= l."Quantity")
"""
COMPLETE = """
UPDATE orders t SET "Status" = 'Completed', "DateCompleted" = $3, "LastUpdated" = $3, completed_by_shipping = true
WHERE t.marketplace_id = $1 AND t.key = ANY($2::bigint[]) AND t."Status" = 'Open'
"""
REOPEN = """
UPDATE orders t SET "Status" = 'Open', "DateCompleted" = NULL, "LastUpdated" = $4, completed_by_shipping = false
WHERE t.marketplace_id = $1 AND t.key = ANY($2::bigint[]) AND t.key <> ALL($3::bigint[])
  AND t."Status" = 'Completed' AND t.completed_by_shipping
"""


async def orders_in(call: Call, shipment_id: str) -> list[int]:
    """The keys of the orders of which lines are in a shipment."""
    rows = await call.db.fetch(IN_SHIPMENT, call.marketplace_id, shipment_id)
    return [row["order_key"] for row in rows]


async def lock_family(call: Call, order_keys: Sequence[int]) -> list[int]:
    """Hold these orders and their relatives until the unit ends; their keys. One statement."""
    rows = await call.db.fetch(RELATIVES, call.marketplace_id, list(order_keys))
    return [row["key"] for row in rows]


async def follow(call: Call, order_keys: Sequence[int], *, without: str | None = None) -> None:
    """Count anew what these orders and their relatives have shipped; complete what is complete, and open again what is
    no more. `without`: as if this shipment were gone. Five statements, none for no orders.
    """
    if not order_keys:
        return
    keys = await lock_family(call, order_keys)
    await call.db.execute(COUNT, call.marketplace_id, keys, without)
    gone = [row["order_key"] for row in await call.db.fetch(ALL_GONE, call.marketplace_id, keys, without)]
    await call.db.execute(COMPLETE, call.marketplace_id, gone, call.clock())
    await call.db.execute(REOPEN, call.marketplace_id, keys, gone, call.clock())

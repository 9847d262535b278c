"""The message that goods are on their way (SHP-3, MS-4)."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from entrepot.engine.call import Call
from entrepot.engine.rows import renderer
from entrepot.features.people.messages.sending import Addressed, about_user, send_all
from entrepot.features.trade.orders.about import ORDER_APPROVALS, body_of
from entrepot.features.trade.orders.approvals.rounds import read_rounds
from entrepot.features.trade.orders.models.shipments import Shipment, ShipmentItem
from entrepot.features.trade.orders.store import COLUMNS, load, order_of

Values = dict[str, Any]

SHIPPED = """
SELECT o.key AS order_key, o."ID" AS "OrderID", l."ID" AS "LineItemID", i."QuantityShipped", l."UnitPrice",
       l."CostCenter", l."DateNeeded", l."Product", l."Variant", l."Specs", l.xp
FROM shipment_items i
JOIN line_items own ON own.marketplace_id = $1 AND own.order_key = i.order_key AND own."ID" = i."LineItemID"
JOIN orders o ON o.marketplace_id = $1 AND o.key = coalesce(own.source_order_key, own.order_key)
JOIN line_items l ON l.marketplace_id = $1 AND l.order_key = o.key AND l."ID" = coalesce(own.source_line_id, own."ID")
JOIN users u ON u.marketplace_id = $1 AND u.key = o.user_key
LEFT JOIN buyers b ON b.marketplace_id = $1 AND b."ID" = u."BuyerID"
WHERE i.marketplace_id = $1 AND i."ShipmentID" = $2 AND u."Active" AND coalesce(b."Active", true)
ORDER BY o.key, l.position
"""
"""What a shipment has of each order. A supplier's line stands for the line of the buyer's order that it was made of, and
the buyer's user is told. Whoever is not active hears nothing.
"""
ORDERS = f"SELECT {COLUMNS} FROM orders t WHERE t.marketplace_id = $1 AND t.key = ANY($2::bigint[])"
render_shipment, render_item = renderer(Shipment).render, renderer(ShipmentItem).render


async def tell_shipped(call: Call, shipment: Values) -> None:
    """Tell the user of each order what is on its way; nobody as long as nothing is in the shipment. Two statements, and
    up to four for each order.
    """
    rows = await call.db.fetch(SHIPPED, call.marketplace_id, shipment["ID"])
    items = {key: list(its) for key, its in groupby(rows, key=lambda row: row["order_key"])}
    if not items:
        return
    for record in await call.db.fetch(ORDERS, call.marketplace_id, list(items)):
        order = order_of(record)
        loaded = await load(call, order)
        rounds = await read_rounds(call, ORDER_APPROVALS, order["key"], order["user_key"])
        body = body_of(loaded, [row for each in rounds for row in each.rows]) | {
            "Shipment": render_shipment(shipment),
            "ShipmentItems": [render_item(row) for row in items[order["key"]]],
        }
        to = Addressed("ShipmentCreated", about_user(order["user_key"]), order["FromUser"]["Email"])
        await send_all(call, call.marketplace_id, [to], body)

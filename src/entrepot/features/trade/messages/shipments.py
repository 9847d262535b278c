"""The message that goods are on their way (SHP-3, MS-4)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import groupby
from typing import Any

from msgspec import Raw

from entrepot.domain.messages.audiences import Audience, Told
from entrepot.domain.messages.declared import Subject
from entrepot.domain.messages.types import MessageType
from entrepot.engine.call import Call
from entrepot.engine.rows import renderer
from entrepot.engine.statements import projection
from entrepot.features.people.deliveries.events import Event, EventKind
from entrepot.features.people.messages.expanding import expand
from entrepot.features.people.messages.letters import GoneError, Letter, said
from entrepot.features.people.messages.recipients import Recipient
from entrepot.features.trade.messages.orders import letter, order_body
from entrepot.features.trade.orders.models.shipments import Shipment, ShipmentItem
from entrepot.features.trade.orders.rows import OrderRow
from entrepot.features.trade.orders.store import COLUMNS, load, order_of
from entrepot.kernel.sql import Sql

Values = dict[str, Any]

SHIPMENT = Sql(f"""
SELECT {projection(Shipment.__columns__.values())} FROM shipments t
WHERE t.marketplace_id = :marketplace_id AND t."ID" = :shipment
""").bound("marketplace_id", "shipment")
ITEMS = """
SELECT o.key AS order_key, o."ID" AS "OrderID", l."ID" AS "LineItemID", i."QuantityShipped", l."UnitPrice",
       l."CostCenter", l."DateNeeded", l."Product", l."Variant", l."Specs", l.xp
FROM shipment_items i
JOIN line_items own ON own.marketplace_id = $1 AND own.order_key = i.order_key AND own."ID" = i."LineItemID"
JOIN orders o ON o.marketplace_id = $1 AND o.key = coalesce(own.source_order_key, own.order_key)
JOIN line_items l ON l.marketplace_id = $1 AND l.order_key = o.key AND l."ID" = coalesce(own.source_line_id, own."ID")
WHERE i.marketplace_id = $1 AND i."ShipmentID" = $2
ORDER BY o.key, l.position
"""
"""What a shipment has of each order. A supplier's line stands for the line of the buyer's order that it was made of, and
the buyer's user is told.
"""
ORDERS = f"""
SELECT {COLUMNS} FROM orders t WHERE t.marketplace_id = $1 AND t.key = ANY($2::bigint[]) ORDER BY t.key
"""
render_shipment, render_item = renderer(Shipment).render, renderer(ShipmentItem).render


async def letters(call: Call, event: Event) -> Sequence[Letter]:
    """To the user of each order what is on its way of that. Three statements, and up to three for each order."""
    record = await call.db.fetchrow(SHIPMENT, call.marketplace_id, event.facts["shipment"])
    if record is None:
        raise GoneError("shipment", event.facts["shipment"])
    shipment = render_shipment(record)
    rows = await call.db.fetch(ITEMS, call.marketplace_id, event.facts["shipment"])
    items = {key: list(its) for key, its in groupby(rows, key=lambda row: row["order_key"])}
    orders = [order_of(each) for each in await call.db.fetch(ORDERS, call.marketplace_id, list(items))]
    return [
        letter(
            order,
            Told(MessageType.SHIPMENT_CREATED, Audience((order["user_key"],))),
            partial(_says, order, shipment, [render_item(row) for row in items[order["key"]]]),
        )
        for order in orders
    ]


async def _says(
    order: OrderRow, shipment: Values, items: Sequence[Values], call: Call, _recipient: Recipient
) -> Raw:
    body = await order_body(call, await load(call, order))
    return said(body | {"Shipment": shipment, "ShipmentItems": list(items)})


SHIPMENT_MESSAGE = EventKind(name=Subject.SHIPMENT, expand=partial(expand, letters))

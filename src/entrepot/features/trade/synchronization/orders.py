"""Messages of orders, each with its lines (SYNC-3, SYNC-8)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from entrepot.domain.orders.status import DRAFT
from entrepot.engine.call import Call
from entrepot.engine.rows import renderer
from entrepot.engine.statements import projection, texts
from entrepot.engine.syncing import Name
from entrepot.features.trade.orders.models.lines import LineItem
from entrepot.features.trade.orders.models.orders import Order
from entrepot.features.trade.synchronization import kinds
from entrepot.features.trade.synchronization.built import Message, payload
from entrepot.features.trade.synchronization.numbers import numbered
from entrepot.kernel.sql import Sql

Values = dict[str, Any]

READ = Sql(f"""
SELECT t.key, {projection(Order.__columns__.values())} FROM orders t
WHERE t.marketplace_id = :marketplace_id AND t.key = ANY(:wanted::bigint[]) AND t."Status" NOT IN ({texts(DRAFT)}) ORDER BY t.key
""").bound("marketplace_id", "wanted")
LINES = Sql(f"""
SELECT t.order_key, {projection(LineItem.__columns__.values())} FROM line_items t
WHERE t.marketplace_id = :marketplace_id AND t.order_key = ANY(:wanted::bigint[]) ORDER BY t.order_key, t.position
""").bound("marketplace_id", "wanted")


async def build(call: Call, names: Iterable[Name], *, config_data: Any) -> list[Message]:
    """Of those that are there and submitted. Two statements."""
    orders = await call.db.fetch(READ, call.marketplace_id, [name[0] for name in names])
    lines: dict[int, list[Values]] = defaultdict(list)
    keys = [order["key"] for order in orders]
    for row in await call.db.fetch(LINES, call.marketplace_id, keys) if keys else ():
        lines[row["order_key"]].append(numbered(LineItem, renderer(LineItem).render(row)))
    more = {} if config_data is None else {"ConfigData": config_data}
    return [
        Message(
            kind=kinds.ORDERS,
            name=(order["key"],),
            aggregate=f"order/{order['key']}",
            payload=payload(
                numbered(Order, renderer(Order).render(order)), {"LineItems": lines[order["key"]]}, more
            ),
        )
        for order in orders
    ]

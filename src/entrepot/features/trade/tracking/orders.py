"""LineItemAdded, LineItemUpdated and OrderSubmitted, as they are told: user, order, all lines and products (TRK-2)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from entrepot.engine.call import Call
from entrepot.features.people.deliveries.events import Event, EventKind, Outbound
from entrepot.features.people.identity.shown import shown_user
from entrepot.features.people.integrations.enums import TrackingEventType
from entrepot.features.people.tracking.messages import tracked
from entrepot.features.trade.orders.store import COLUMNS, load, order_of, render_order, show_line
from entrepot.kernel.errors import NotFoundError

ORDER = f"SELECT {COLUMNS} FROM orders t WHERE t.marketplace_id = $1 AND t.key = $2"


async def _expand(kind: TrackingEventType, call: Call, event: Event) -> Sequence[Outbound]:
    """One message, or one for each line that it is about. The order is told as it is by now."""
    facts = event.facts
    row = await call.db.fetchrow(ORDER, call.marketplace_id, facts["order"])
    if row is None:
        raise NotFoundError("Order", str(facts["order"]))
    loaded = await load(call, order_of(row))
    lines = [show_line(call, line) for line in loaded.lines]
    products = {line["ProductID"].lower(): line["Product"] for line in lines if line["Product"]}
    user = None if facts["user_key"] is None else await shown_user(call, facts["user_key"])
    payload: dict[str, Any] = {
        "User": user,
        "Order": render_order(loaded.order),
        "LineItems": lines,
        "Products": list(products.values()),
    }
    if not facts["lines"]:
        return await tracked(call, event, kind, payload)
    found: list[Outbound] = []
    for line_id in facts["lines"]:
        line = show_line(call, loaded.line(line_id))
        found += await tracked(call, event, kind, {"LineItem": line, **payload})
    return found


LINE_ADDED, LINE_UPDATED, SUBMITTED = (
    EventKind(name=kind.value, expand=partial(_expand, kind))
    for kind in (
        TrackingEventType.LINE_ITEM_ADDED,
        TrackingEventType.LINE_ITEM_UPDATED,
        TrackingEventType.ORDER_SUBMITTED,
    )
)

"""What shoppers do with orders, for those who track it: lines added and changed, orders submitted (TRK-2)."""

from __future__ import annotations

from collections.abc import Iterable

from entrepot.domain.orders.status import OrderEvent
from entrepot.engine.call import Call
from entrepot.features.people.deliveries.telling import tell
from entrepot.features.people.integrations.enums import TrackingEventType
from entrepot.features.people.tracking.messages import tracking_of
from entrepot.features.trade.orders.rows import LineRow
from entrepot.features.trade.orders.store import Loaded

SUBMITS = frozenset({OrderEvent.SUBMIT, OrderEvent.SUBMIT_FOR_APPROVAL})


async def track_lines(call: Call, loaded: Loaded, kind: TrackingEventType, lines: Iterable[LineRow]) -> None:
    """Within the unit that has written the lines; no statement where nobody tracks it, else one."""
    await _track(call, loaded, kind, [line["ID"] for line in lines])


async def track_submit(call: Call, loaded: Loaded, event: OrderEvent) -> None:
    """A follower (following.py): whether it still has to be approved or not, the shopper is done."""
    if event in SUBMITS:
        await _track(call, loaded, TrackingEventType.ORDER_SUBMITTED, [])


async def _track(call: Call, loaded: Loaded, kind: TrackingEventType, lines: list[str]) -> None:
    caller = call.principal
    if await tracking_of(call, caller.client_id, kind) is None:
        return
    facts = {
        "client": caller.client_id,
        # Guests are all the same user.
        "user": None if caller.is_guest else caller.user_id,
        "user_key": None if caller.is_guest else caller.user_key,
        "anonymous": caller.anonymous_user_id,
        "order": loaded.key,
        "lines": lines,
    }
    await tell(call, call.marketplace_id, kind.value, f"order/{loaded.key}", facts)

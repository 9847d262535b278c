"""The one door through which an order goes from one status to the next (orders spec section 2).

the transition   ->   status and dates, written   ->   messages   ->   what follows
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from entrepot.domain.orders.status import OrderEvent
from entrepot.engine.call import Call
from entrepot.features.trade.orders.about import about_order
from entrepot.features.trade.orders.changing import write_order
from entrepot.features.trade.orders.following import follow
from entrepot.features.trade.orders.notices import tell
from entrepot.features.trade.orders.store import Loaded
from entrepot.features.trade.orders.transitions import step

Values = dict[str, Any]


async def move(
    call: Call,
    loaded: Loaded,
    event: OrderEvent,
    *,
    pending: Iterable[int] = (),
    decided: Iterable[int] = (),
) -> None:
    """Move an order that is under its lock, write it with whatever else has changed of it, tell of it and call what follows.
    The use case has made sure that its status allows the event, which its operation declares.

    pending, decided: as `tell` takes them.
    """
    await write_order(call, loaded, at=step(call, loaded.order, event))
    await tell(call, about_order(loaded), event, pending=pending, decided=decided)
    await follow(call, loaded, event)

"""What follows when an order has moved, beyond its messages (SUB-2.12): the registry names it, the application hands it in.

A follower runs in the unit of the move, after order, approvals, stock and accounts are written; what it raises undoes them
all. What goes abroad is left as an outbox row, or done by a use case of its own around `submit_order`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import cast

from entrepot.domain.orders.status import OrderEvent
from entrepot.engine.call import Call
from entrepot.features.people.services import services
from entrepot.features.trade.orders.store import Loaded

Follower = Callable[[Call, Loaded, OrderEvent], Awaitable[None]]


async def follow(call: Call, loaded: Loaded, event: OrderEvent) -> None:
    """Call all followers, one after the other."""
    for follower in cast("tuple[Follower, ...]", services(call).followers):
        await follower(call, loaded, event)

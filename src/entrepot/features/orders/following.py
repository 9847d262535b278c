"""What follows when an order has moved, beyond its messages: the one place that other packages extend (SUB-2.12).

    @follows
    async def forward(call: Call, loaded: Loaded, event: Event) -> None: ...

A follower runs in the unit of the move, after order, approvals, stock and accounts are written; what it raises undoes them
all. What goes abroad is left as an outbox row, or done by a use case of its own around `submit_order`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from entrepot.domain.orders.status import Event
from entrepot.engine.call import Call
from entrepot.features.orders.store import Loaded

Follower = Callable[[Call, Loaded, Event], Awaitable[None]]

_followers: dict[str, Follower] = {}


def follows(follower: Follower) -> Follower:
    """Have a function called after every move of an order, in the order of declaration."""
    _followers[f"{follower.__module__}.{follower.__qualname__}"] = follower
    return follower


async def follow(call: Call, loaded: Loaded, event: Event) -> None:
    """Call all followers."""
    for follower in tuple(_followers.values()):
        await follower(call, loaded, event)

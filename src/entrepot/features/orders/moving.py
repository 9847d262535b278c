"""An order moves from one status to the next (orders spec section 2)."""

from __future__ import annotations

from entrepot.domain.orders.status import SUBMITTED, OrderStatus, Transition
from entrepot.engine.call import Call
from entrepot.features.orders.changing import write_order
from entrepot.features.orders.store import Loaded


async def make_move(call: Call, loaded: Loaded, move: Transition) -> None:
    """Give the order the status and the dates of a move, and write it. A canceled order stays submitted if it had been."""
    order, now = loaded.order, call.clock()
    order["Status"] = move.after
    for name in move.dates:
        order[name] = now
    if move.after is not OrderStatus.CANCELED:
        order["IsSubmitted"] = move.after in SUBMITTED
    await write_order(call, loaded, at=now)

"""An order moves from one status to the next (orders spec section 2)."""

from __future__ import annotations

from typing import Any

from entrepot.domain.orders.status import SUBMITTED, Status, Transition
from entrepot.engine.call import Call

Values = dict[str, Any]


def make_move(call: Call, order: Values, move: Transition) -> None:
    """Give the order the status and the dates of a move. A canceled order stays submitted if it had been."""
    order["Status"] = move.after
    for name in move.dates:
        order[name] = call.clock()
    if move.after is not Status.CANCELED:
        order["IsSubmitted"] = move.after in SUBMITTED

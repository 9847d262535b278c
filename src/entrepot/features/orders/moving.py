"""An order moves from one status to the next (orders spec section 2)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from entrepot.domain.orders.status import SUBMITTED, Status, Transition
from entrepot.engine.call import Call

Values = dict[str, Any]


def make_move(call: Call, order: Values, move: Transition) -> datetime:
    """Give the order the status and the dates of a move; when it was. A canceled order stays submitted if it had been."""
    now = call.clock()
    order["Status"] = move.after
    for name in move.dates:
        order[name] = now
    if move.after is not Status.CANCELED:
        order["IsSubmitted"] = move.after in SUBMITTED
    return now

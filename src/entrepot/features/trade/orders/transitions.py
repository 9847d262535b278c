"""What a move writes into the row of an order."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from entrepot.domain.orders.status import (
    SUBMITTED,
    OrderEvent,
    OrderStatus,
    Transition,
    beginning,
    transition,
)
from entrepot.engine.call import Call
from entrepot.features.trade.orders.rows import OrderRow, by_name

Values = dict[str, Any]


def begin(call: Call, order: OrderRow, event: OrderEvent) -> None:
    """The row of an order that the event makes, all of whose dates are one moment."""
    _require_declared(call, event)
    now = call.clock()
    _write(order, beginning(event), now)
    order["LastUpdated"] = now


def step(call: Call, order: OrderRow, event: OrderEvent) -> datetime:
    """Move the row on; the moment of that. The use case has made sure that its status allows the event."""
    _require_declared(call, event)
    made, now = transition(event, OrderStatus(order["Status"])), call.clock()
    assert made is not None
    _write(order, made, now)
    return now


def _require_declared(call: Call, event: OrderEvent) -> None:
    """`entrepot explain` and the docs say of each operation what it moves."""
    if event not in call.operation.moves:
        raise AssertionError(f"{call.operation.id} does not declare that it moves orders by: {event}")


def _write(order: OrderRow, made: Transition, now: datetime) -> None:
    order["Status"] = made.after
    by_name(order).update(dict.fromkeys(made.dates, now))
    by_name(order).update(dict.fromkeys(made.forgets))
    # A canceled order stays submitted if it had been.
    if made.after is not OrderStatus.CANCELED:
        order["IsSubmitted"] = made.after in SUBMITTED

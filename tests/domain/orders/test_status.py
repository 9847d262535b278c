"""The life of orders (ST-1 to ST-13)."""

import pytest

from entrepot.domain.orders.status import Event, OrderStatus, transition

MOVES = {
    (Event.SUBMIT, OrderStatus.UNSUBMITTED): OrderStatus.OPEN,
    (Event.SUBMIT_FOR_APPROVAL, OrderStatus.UNSUBMITTED): OrderStatus.AWAITING_APPROVAL,
    (Event.APPROVE, OrderStatus.AWAITING_APPROVAL): OrderStatus.AWAITING_APPROVAL,
    (Event.APPROVE_FINALLY, OrderStatus.AWAITING_APPROVAL): OrderStatus.OPEN,
    (Event.DECLINE, OrderStatus.AWAITING_APPROVAL): OrderStatus.DECLINED,
    (Event.DECLINE_FOR_NOW, OrderStatus.AWAITING_APPROVAL): OrderStatus.UNSUBMITTED,
    (Event.COMPLETE, OrderStatus.OPEN): OrderStatus.COMPLETED,
    (Event.SHIP_LAST, OrderStatus.OPEN): OrderStatus.COMPLETED,
    (Event.UNSHIP, OrderStatus.COMPLETED): OrderStatus.OPEN,
    (Event.CANCEL, OrderStatus.UNSUBMITTED): OrderStatus.CANCELED,
    (Event.CANCEL, OrderStatus.AWAITING_APPROVAL): OrderStatus.CANCELED,
    (Event.CANCEL, OrderStatus.DECLINED): OrderStatus.CANCELED,
    (Event.CANCEL, OrderStatus.OPEN): OrderStatus.CANCELED,
}


@pytest.mark.parametrize("event", list(Event))
@pytest.mark.parametrize("status", list(OrderStatus))
def test_every_event_in_every_status(event: Event, status: OrderStatus) -> None:
    """Declined is terminal but for Cancel (ST-13); Completed and Canceled are never canceled (ST-11)."""
    move = transition(event, status)
    assert (None if move is None else move.after) == MOVES.get((event, status))


def test_dates_are_set_when_the_event_occurs() -> None:
    """DateSubmitted is null while an order awaits approval, and set when it becomes Open."""
    waiting = transition(Event.SUBMIT_FOR_APPROVAL, OrderStatus.UNSUBMITTED)
    approved = transition(Event.APPROVE_FINALLY, OrderStatus.AWAITING_APPROVAL)
    assert waiting is not None
    assert approved is not None
    assert waiting.dates == ()
    assert approved.dates == ("DateApproved", "DateSubmitted")

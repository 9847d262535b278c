"""The life of orders (ST-1 to ST-13)."""

import pytest

from entrepot.domain.orders.status import OrderEvent, OrderStatus, transition

MOVES = {
    (OrderEvent.SUBMIT, OrderStatus.UNSUBMITTED): OrderStatus.OPEN,
    (OrderEvent.SUBMIT_FOR_APPROVAL, OrderStatus.UNSUBMITTED): OrderStatus.AWAITING_APPROVAL,
    (OrderEvent.APPROVE, OrderStatus.AWAITING_APPROVAL): OrderStatus.AWAITING_APPROVAL,
    (OrderEvent.APPROVE_FINALLY, OrderStatus.AWAITING_APPROVAL): OrderStatus.OPEN,
    (OrderEvent.DECLINE, OrderStatus.AWAITING_APPROVAL): OrderStatus.DECLINED,
    (OrderEvent.DECLINE_FOR_NOW, OrderStatus.AWAITING_APPROVAL): OrderStatus.UNSUBMITTED,
    (OrderEvent.COMPLETE, OrderStatus.OPEN): OrderStatus.COMPLETED,
    (OrderEvent.SHIP_LAST, OrderStatus.OPEN): OrderStatus.COMPLETED,
    (OrderEvent.UNSHIP, OrderStatus.COMPLETED): OrderStatus.OPEN,
    (OrderEvent.CANCEL, OrderStatus.UNSUBMITTED): OrderStatus.CANCELED,
    (OrderEvent.CANCEL, OrderStatus.AWAITING_APPROVAL): OrderStatus.CANCELED,
    (OrderEvent.CANCEL, OrderStatus.DECLINED): OrderStatus.CANCELED,
    (OrderEvent.CANCEL, OrderStatus.OPEN): OrderStatus.CANCELED,
}


@pytest.mark.parametrize("event", list(OrderEvent))
@pytest.mark.parametrize("status", list(OrderStatus))
def test_every_event_in_every_status(event: OrderEvent, status: OrderStatus) -> None:
    """Declined is terminal but for Cancel (ST-13); Completed and Canceled are never canceled (ST-11)."""
    move = transition(event, status)
    assert (None if move is None else move.after) == MOVES.get((event, status))


def test_dates_are_set_when_the_event_occurs() -> None:
    """DateSubmitted is null while an order awaits approval, and set when it becomes Open."""
    waiting = transition(OrderEvent.SUBMIT_FOR_APPROVAL, OrderStatus.UNSUBMITTED)
    approved = transition(OrderEvent.APPROVE_FINALLY, OrderStatus.AWAITING_APPROVAL)
    assert waiting is not None
    assert approved is not None
    assert waiting.dates == ()
    assert approved.dates == ("DateApproved", "DateSubmitted")

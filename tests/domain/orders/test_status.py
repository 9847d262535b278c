"""The life of orders (ST-1 to ST-13)."""

import pytest

from entrepot.domain.orders.status import Event, Status, transition

MOVES = {
    (Event.SUBMIT, Status.UNSUBMITTED): Status.OPEN,
    (Event.SUBMIT_FOR_APPROVAL, Status.UNSUBMITTED): Status.AWAITING_APPROVAL,
    (Event.APPROVE, Status.AWAITING_APPROVAL): Status.AWAITING_APPROVAL,
    (Event.APPROVE_FINALLY, Status.AWAITING_APPROVAL): Status.OPEN,
    (Event.DECLINE, Status.AWAITING_APPROVAL): Status.DECLINED,
    (Event.DECLINE_FOR_NOW, Status.AWAITING_APPROVAL): Status.UNSUBMITTED,
    (Event.COMPLETE, Status.OPEN): Status.COMPLETED,
    (Event.SHIP_LAST, Status.OPEN): Status.COMPLETED,
    (Event.UNSHIP, Status.COMPLETED): Status.OPEN,
    (Event.CANCEL, Status.UNSUBMITTED): Status.CANCELED,
    (Event.CANCEL, Status.AWAITING_APPROVAL): Status.CANCELED,
    (Event.CANCEL, Status.DECLINED): Status.CANCELED,
    (Event.CANCEL, Status.OPEN): Status.CANCELED,
}


@pytest.mark.parametrize("event", list(Event))
@pytest.mark.parametrize("status", list(Status))
def test_every_event_in_every_status(event: Event, status: Status) -> None:
    """Declined is terminal but for Cancel (ST-13); Completed and Canceled are never canceled (ST-11)."""
    move = transition(event, status)
    assert (None if move is None else move.after) == MOVES.get((event, status))


def test_dates_are_set_when_the_event_occurs() -> None:
    """DateSubmitted is null while an order awaits approval, and set when it becomes Open."""
    waiting = transition(Event.SUBMIT_FOR_APPROVAL, Status.UNSUBMITTED)
    approved = transition(Event.APPROVE_FINALLY, Status.AWAITING_APPROVAL)
    assert waiting is not None
    assert approved is not None
    assert waiting.dates == ()
    assert approved.dates == ("DateApproved", "DateSubmitted")

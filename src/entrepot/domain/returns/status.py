"""The life of an order return as one table (RET-5, RET-6)."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from entrepot.domain.orders.status import OrderStatus


class ReturnEvent(enum.StrEnum):
    """What is done with a return."""

    CREATE = "create"
    EDIT = "edit"
    SUBMIT = "submit"
    SUBMIT_FOR_APPROVAL = "submit for approval"
    APPROVE = "approve"
    APPROVE_FINALLY = "approve, none pending"
    DECLINE = "decline"
    COMPLETE = "complete"
    REFUND_LAST = "all refunded"
    CANCEL = "cancel"
    DELETE = "delete"


class Actor(enum.StrEnum):
    """Who may do it."""

    OWNER = "owner of the order or OrderAdmin"
    ADMIN = "OrderAdmin"
    APPROVER = "eligible approver"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Transition:
    """What an event makes of a return in one status; `after` is None where nothing is left of it. `dates` are the
    properties that get the moment of the event.
    """

    event: ReturnEvent
    before: OrderStatus | None
    after: OrderStatus | None
    actor: Actor
    dates: tuple[str, ...] = ()


S, E, A = OrderStatus, ReturnEvent, Actor
TRANSITIONS: tuple[Transition, ...] = (
    Transition(E.CREATE, None, S.UNSUBMITTED, A.OWNER, ("DateCreated",)),
    Transition(E.EDIT, S.UNSUBMITTED, S.UNSUBMITTED, A.OWNER),
    Transition(E.EDIT, S.AWAITING_APPROVAL, S.AWAITING_APPROVAL, A.ADMIN),
    Transition(E.EDIT, S.OPEN, S.OPEN, A.ADMIN),
    Transition(E.SUBMIT, S.UNSUBMITTED, S.OPEN, A.OWNER, ("DateSubmitted",)),
    Transition(E.SUBMIT_FOR_APPROVAL, S.UNSUBMITTED, S.AWAITING_APPROVAL, A.OWNER),
    Transition(E.APPROVE, S.AWAITING_APPROVAL, S.AWAITING_APPROVAL, A.APPROVER),
    Transition(E.APPROVE_FINALLY, S.AWAITING_APPROVAL, S.OPEN, A.APPROVER, ("DateApproved", "DateSubmitted")),
    Transition(E.DECLINE, S.AWAITING_APPROVAL, S.DECLINED, A.APPROVER, ("DateDeclined",)),
    Transition(E.COMPLETE, S.OPEN, S.COMPLETED, A.ADMIN, ("DateCompleted",)),
    Transition(E.REFUND_LAST, S.OPEN, S.COMPLETED, A.SYSTEM, ("DateCompleted",)),
    Transition(E.CANCEL, S.AWAITING_APPROVAL, S.CANCELED, A.OWNER, ("DateCanceled",)),
    Transition(E.CANCEL, S.OPEN, S.CANCELED, A.OWNER, ("DateCanceled",)),
    Transition(E.CANCEL, S.DECLINED, S.CANCELED, A.OWNER, ("DateCanceled",)),
    Transition(E.CANCEL, S.COMPLETED, S.CANCELED, A.ADMIN, ("DateCanceled",)),
    Transition(E.DELETE, S.UNSUBMITTED, None, A.OWNER),
    Transition(E.DELETE, S.AWAITING_APPROVAL, None, A.OWNER),
    Transition(E.DELETE, S.DECLINED, None, A.OWNER),
    Transition(E.DELETE, S.OPEN, None, A.OWNER),
    Transition(E.DELETE, S.CANCELED, None, A.OWNER),
    Transition(E.DELETE, S.COMPLETED, None, A.ADMIN),
)
"""What is not here cannot be done; xp can be changed in any status."""

_BY_MOVE = {(move.event, move.before): move for move in TRANSITIONS}
if len(_BY_MOVE) < len(TRANSITIONS):
    raise AssertionError("an event leads from one status to two others")

RETURNABLE = frozenset({S.OPEN, S.COMPLETED})
"""The statuses of orders of which something can be returned (RET-1)."""
GIVEN_UP = frozenset({S.DECLINED, S.CANCELED})
"""Returns that take nothing back any more (RET-2)."""


def transition(event: ReturnEvent, status: OrderStatus) -> Transition | None:
    """What an event makes of a return in this status; None where it cannot be."""
    return _BY_MOVE.get((event, status))

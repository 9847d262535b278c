"""The life of an order as one table (orders spec section 2); docs/reference and `entrepot explain` show it."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class OrderStatus(enum.StrEnum):
    """Where an order, or a return of one, is in its life; the wire's names."""

    UNSUBMITTED = "Unsubmitted"
    AWAITING_APPROVAL = "AwaitingApproval"
    DECLINED = "Declined"
    OPEN = "Open"
    COMPLETED = "Completed"
    CANCELED = "Canceled"


class OrderEvent(enum.StrEnum):
    """What moves an order on."""

    CREATE = "create"
    FORWARD = "forward to a supplier"
    SUBMIT = "submit"
    SUBMIT_FOR_APPROVAL = "submit for approval"
    APPROVE = "approve"
    APPROVE_FINALLY = "approve, none pending"
    DECLINE = "decline"
    DECLINE_FOR_NOW = "decline, may be resubmitted"
    COMPLETE = "complete"
    SHIP_LAST = "last line shipped"
    UNSHIP = "shipment items removed"
    CANCEL = "cancel"


class Actor(enum.StrEnum):
    """Who may cause an event."""

    OWNER = "owner or OrderAdmin"
    ADMIN = "OrderAdmin"
    APPROVER = "eligible approver"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Transition:
    """A move from one status to the next. `dates` are the properties that get the moment of the event, `forgets` those that
    lose theirs.
    """

    rule: str
    event: OrderEvent
    before: OrderStatus | None
    after: OrderStatus
    actor: Actor
    dates: tuple[str, ...] = ()
    forgets: tuple[str, ...] = ()


S, E, A = OrderStatus, OrderEvent, Actor
TRANSITIONS: tuple[Transition, ...] = (
    Transition("ST-1", E.CREATE, None, S.UNSUBMITTED, A.OWNER, ("DateCreated",)),
    Transition("FWD-2", E.FORWARD, None, S.OPEN, A.SYSTEM, ("DateCreated", "DateSubmitted")),
    Transition("ST-2", E.SUBMIT, S.UNSUBMITTED, S.OPEN, A.OWNER, ("DateSubmitted",)),
    Transition("ST-3", E.SUBMIT_FOR_APPROVAL, S.UNSUBMITTED, S.AWAITING_APPROVAL, A.OWNER),
    Transition("ST-4", E.APPROVE, S.AWAITING_APPROVAL, S.AWAITING_APPROVAL, A.APPROVER),
    Transition(
        "ST-4",
        E.APPROVE_FINALLY,
        S.AWAITING_APPROVAL,
        S.OPEN,
        A.APPROVER,
        ("DateApproved", "DateSubmitted"),
    ),
    Transition("ST-5", E.DECLINE, S.AWAITING_APPROVAL, S.DECLINED, A.APPROVER, ("DateDeclined",)),
    Transition("ST-6", E.DECLINE_FOR_NOW, S.AWAITING_APPROVAL, S.UNSUBMITTED, A.APPROVER, ("DateDeclined",)),
    Transition("ST-7", E.COMPLETE, S.OPEN, S.COMPLETED, A.ADMIN, ("DateCompleted",)),
    Transition("ST-8", E.SHIP_LAST, S.OPEN, S.COMPLETED, A.SYSTEM, ("DateCompleted",)),
    Transition("ST-9", E.CANCEL, S.UNSUBMITTED, S.CANCELED, A.OWNER, ("DateCanceled",)),
    Transition("ST-9", E.CANCEL, S.AWAITING_APPROVAL, S.CANCELED, A.OWNER, ("DateCanceled",)),
    Transition("ST-9", E.CANCEL, S.DECLINED, S.CANCELED, A.OWNER, ("DateCanceled",)),
    Transition("ST-10", E.CANCEL, S.OPEN, S.CANCELED, A.ADMIN, ("DateCanceled",)),
    Transition("ST-12", E.UNSHIP, S.COMPLETED, S.OPEN, A.SYSTEM, forgets=("DateCompleted",)),
)

_BY_MOVE = {(move.event, move.before): move for move in TRANSITIONS}
if len(_BY_MOVE) < len(TRANSITIONS):
    raise AssertionError("an event leads from one status to two others")

SUBMITTED = frozenset({S.OPEN, S.COMPLETED})
"""Of canceled orders it depends on whether they had been submitted."""
NOT_SUBMITTED = frozenset({S.UNSUBMITTED, S.AWAITING_APPROVAL, S.DECLINED})
DRAFT = frozenset({S.UNSUBMITTED})
"""What its owner still makes: may be a cart (CART-1), ages (ST-15, RET-6), goes with its user (USR-4)."""
IN_THE_MAKING = frozenset({S.UNSUBMITTED, S.AWAITING_APPROVAL})
"""Where promotions are evaluated (ORD-19)."""
DECIDABLE = frozenset({S.AWAITING_APPROVAL})
"""What approvers answer (APR-3); until then it keeps its rules and their groups (APR-6, BUY-5)."""
UNDER_WAY = frozenset({S.AWAITING_APPROVAL, S.OPEN})
"""What still needs its user and its stock, which cannot be deleted as long (USR-3, INV-4)."""


def transition(event: OrderEvent, status: OrderStatus) -> Transition | None:
    """The move that an event makes of an order in this status; None where there is none."""
    return _BY_MOVE.get((event, status))


def beginning(event: OrderEvent) -> Transition:
    """How orders begin by this event, which makes them."""
    return next(move for move in TRANSITIONS if move.event is event and move.before is None)


def moves(*events: enum.StrEnum) -> tuple[str, ...]:
    """What these events do to orders, a line each."""
    return tuple(
        f"{move.before or 'nothing'} -> {move.after} on {move.event} ({move.rule}), by {move.actor}"
        for move in TRANSITIONS
        if move.event in events
    )

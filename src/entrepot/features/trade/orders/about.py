"""What approvals and messages are about: an order, or a return of one."""

from __future__ import annotations

import enum
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from entrepot.declare.entity import Entity
from entrepot.domain.orders.status import Event
from entrepot.engine.batches import Batch
from entrepot.engine.rows import renderer
from entrepot.engine.statements import quoted, stored_columns
from entrepot.features.trade.orders.models.orders import OrderApproval
from entrepot.features.trade.orders.resources import ORDER_APPROVAL
from entrepot.features.trade.orders.store import Loaded, render_line, render_order

Values = dict[str, Any]


class Approvals:
    """The table of the approvals of one kind. `select`: those of an order or a return ($2), and whether they are up to a
    group of the user $3.
    """

    def __init__(self, entity: Entity) -> None:
        (above,) = (parent.stored for parent in entity.parents)
        columns = [name for name in stored_columns(entity) if name != above]
        self.entity = entity
        self.in_rounds = "round" in columns
        rounds = ("round",) if self.in_rounds else ()
        self.rows = Batch(entity, (*rounds, "ApprovalRuleID"))
        order = ", ".join(f"t.{quoted(name)}" for name in (*rounds, "DateCreated", "ApprovalRuleID"))
        self.select = f"""
SELECT {", ".join(f"t.{quoted(name)}" for name in columns)},
       EXISTS (SELECT 1 FROM user_group_members m
               WHERE m.marketplace_id = $1 AND m.group_key = t.group_key AND m.user_key = $3) AS mine
FROM {entity.table} t
WHERE t.marketplace_id = $1 AND t.{above} = $2 ORDER BY {order}
"""


@dataclass(frozen=True, slots=True)
class Notices:
    """The types of messages about one kind, by event: to the user, to whose approval is asked for now, to those who had
    been asked. found_active: of these events the user is told without a look whether it is active; the use case has looked.
    """

    to_user: Mapping[Any, str]
    to_pending: str
    to_decided: Mapping[Any, str]
    found_active: Collection[enum.StrEnum] = ()


@dataclass(frozen=True, slots=True)
class About:
    """An order or a return, as its approvals and messages know it. loaded: the order. submitter_key: who has submitted it
    answers nothing, and is told nothing of what others are asked (APR-3). body: of messages, with these approvals.
    """

    key: int
    loaded: Loaded
    submitter_key: int | None
    approvals: Approvals
    notices: Notices
    body: Callable[[Sequence[Values]], Values]


ORDER_APPROVALS = Approvals(ORDER_APPROVAL)
TO_PENDING = "OrderSubmittedForYourApproval"
ORDER_NOTICES = Notices(
    to_user={
        Event.SUBMIT: "OrderSubmitted",
        Event.SUBMIT_FOR_APPROVAL: "OrderSubmittedForApproval",
        Event.APPROVE_FINALLY: "OrderApproved",
        Event.DECLINE: "OrderDeclined",
        Event.DECLINE_FOR_NOW: "OrderDeclined",
    },
    to_pending=TO_PENDING,
    to_decided={
        Event.APPROVE: f"{TO_PENDING}HasBeenApproved",
        Event.APPROVE_FINALLY: f"{TO_PENDING}HasBeenApproved",
        Event.DECLINE: f"{TO_PENDING}HasBeenDeclined",
        Event.DECLINE_FOR_NOW: f"{TO_PENDING}HasBeenDeclined",
    },
    found_active=(Event.SUBMIT,),
)
render_approval = renderer(OrderApproval).render


def about_order(loaded: Loaded) -> About:
    """The order itself."""
    return About(
        loaded.key,
        loaded,
        loaded.order["user_key"],
        ORDER_APPROVALS,
        ORDER_NOTICES,
        lambda approvals: body_of(loaded, approvals),
    )


def body_of(loaded: Loaded, approvals: Sequence[Values]) -> Values:
    """The event body of all messages about orders (SUB-5)."""
    products = {line["ProductID"].lower(): line["Product"] for line in loaded.lines if line["Product"]}
    return {
        "Order": render_order(loaded.order),
        "Approvals": [render_approval(row) for row in approvals],
        "LineItems": [render_line(line) for line in loaded.lines],
        "Products": list(products.values()),
    }

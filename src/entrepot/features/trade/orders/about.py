"""What approvals and messages are about: an order, or a return of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from entrepot.declare.entity import Entity
from entrepot.domain.messages.declared import Subject
from entrepot.domain.messages.types import MessageType
from entrepot.domain.orders.status import OrderEvent
from entrepot.engine.batches import RowBatch
from entrepot.engine.statements import quoted, stored_columns
from entrepot.features.trade.orders.resources import ORDER_APPROVAL
from entrepot.features.trade.orders.store import Loaded


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
        self.rows = RowBatch(entity, (*rounds, "ApprovalRuleID"))
        order = ", ".join(f"t.{quoted(name)}" for name in (*rounds, "DateCreated", "ApprovalRuleID"))
        self.select = f"""
SELECT {", ".join(f"t.{quoted(name)}" for name in columns)},
       EXISTS (SELECT 1 FROM user_group_members m
               WHERE m.marketplace_id = $1 AND m.group_key = t.group_key AND m.user_key = $3) AS mine
FROM {entity.table} t
WHERE t.marketplace_id = $1 AND t.{above} = $2 ORDER BY {order}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notices:
    """The types of messages about one kind, by event: to the user, to whose approval is asked for now, to those who had
    been asked. aggregate: what the key is one of, `order`.
    """

    subject: Subject
    aggregate: str
    to_user: Mapping[Any, MessageType]
    to_pending: MessageType
    to_decided: Mapping[Any, MessageType]


@dataclass(frozen=True, slots=True)
class About:
    """An order or a return, as its approvals and messages know it. user_key: of the order's user. submitter_key: who has
    submitted it answers nothing, and is told nothing of what others are asked (APR-3).
    """

    key: int
    user_key: int
    submitter_key: int | None
    approvals: Approvals
    notices: Notices


ORDER_APPROVALS = Approvals(ORDER_APPROVAL)
ORDER_NOTICES = Notices(
    subject=Subject.ORDER,
    aggregate="order",
    to_user={
        OrderEvent.SUBMIT: MessageType.ORDER_SUBMITTED,
        OrderEvent.SUBMIT_FOR_APPROVAL: MessageType.ORDER_SUBMITTED_FOR_APPROVAL,
        OrderEvent.APPROVE_FINALLY: MessageType.ORDER_APPROVED,
        OrderEvent.DECLINE: MessageType.ORDER_DECLINED,
        OrderEvent.DECLINE_FOR_NOW: MessageType.ORDER_DECLINED,
    },
    to_pending=MessageType.ORDER_SUBMITTED_FOR_YOUR_APPROVAL,
    to_decided={
        OrderEvent.APPROVE: MessageType.ORDER_SUBMITTED_FOR_YOUR_APPROVAL_HAS_BEEN_APPROVED,
        OrderEvent.APPROVE_FINALLY: MessageType.ORDER_SUBMITTED_FOR_YOUR_APPROVAL_HAS_BEEN_APPROVED,
        OrderEvent.DECLINE: MessageType.ORDER_SUBMITTED_FOR_YOUR_APPROVAL_HAS_BEEN_DECLINED,
        OrderEvent.DECLINE_FOR_NOW: MessageType.ORDER_SUBMITTED_FOR_YOUR_APPROVAL_HAS_BEEN_DECLINED,
    },
)


def about_order(loaded: Loaded) -> About:
    """The order itself."""
    user_key = loaded.order["user_key"]
    return About(loaded.key, user_key, user_key, ORDER_APPROVALS, ORDER_NOTICES)

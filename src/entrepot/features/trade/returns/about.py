"""Approvals of and messages about returns: as of orders (orders/about.py), but in one round."""

from __future__ import annotations

from entrepot.domain.messages.declared import Subject
from entrepot.domain.messages.types import MessageType
from entrepot.domain.returns.status import ReturnEvent
from entrepot.features.trade.orders.about import About, Approvals, Notices
from entrepot.features.trade.returns.resources import ORDER_RETURN_APPROVAL
from entrepot.features.trade.returns.store import OpenReturn

RETURN_APPROVALS = Approvals(ORDER_RETURN_APPROVAL)
RETURN_NOTICES = Notices(
    subject=Subject.ORDER_RETURN,
    aggregate="return",
    to_user={
        ReturnEvent.SUBMIT: MessageType.ORDER_RETURN_SUBMITTED,
        ReturnEvent.SUBMIT_FOR_APPROVAL: MessageType.ORDER_RETURN_SUBMITTED_FOR_APPROVAL,
        ReturnEvent.APPROVE_FINALLY: MessageType.ORDER_RETURN_APPROVED,
        ReturnEvent.DECLINE: MessageType.ORDER_RETURN_DECLINED,
        ReturnEvent.COMPLETE: MessageType.ORDER_RETURN_COMPLETED,
        ReturnEvent.REFUND_LAST: MessageType.ORDER_RETURN_COMPLETED,
    },
    to_pending=MessageType.ORDER_RETURN_SUBMITTED_FOR_YOUR_APPROVAL,
    to_decided={
        ReturnEvent.APPROVE: MessageType.ORDER_RETURN_SUBMITTED_FOR_YOUR_APPROVAL_HAS_BEEN_APPROVED,
        ReturnEvent.APPROVE_FINALLY: MessageType.ORDER_RETURN_SUBMITTED_FOR_YOUR_APPROVAL_HAS_BEEN_APPROVED,
        ReturnEvent.DECLINE: MessageType.ORDER_RETURN_SUBMITTED_FOR_YOUR_APPROVAL_HAS_BEEN_DECLINED,
    },
)


def about_return(opened: OpenReturn) -> About:
    """The return; its order's user is told of it."""
    user_key = opened.loaded.order["user_key"]
    return About(opened.key, user_key, opened.row["submitter_key"], RETURN_APPROVALS, RETURN_NOTICES)

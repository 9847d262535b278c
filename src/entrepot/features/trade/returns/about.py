"""Approvals of and messages about returns: as of orders (orders/about.py), but in one round."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from entrepot.domain.returns.status import Event
from entrepot.engine.rows import renderer
from entrepot.features.trade.orders.about import About, Approvals, Notices, body_of
from entrepot.features.trade.orders.models.returns import OrderReturnApproval
from entrepot.features.trade.returns.resources import ORDER_RETURN_APPROVAL
from entrepot.features.trade.returns.store import OpenReturn, render

Values = dict[str, Any]

RETURN_APPROVALS = Approvals(ORDER_RETURN_APPROVAL)
TO_PENDING = "OrderReturnSubmittedForYourApproval"
RETURN_NOTICES = Notices(
    to_user={
        Event.SUBMIT: "OrderReturnSubmitted",
        Event.SUBMIT_FOR_APPROVAL: "OrderReturnSubmittedForApproval",
        Event.APPROVE_FINALLY: "OrderReturnApproved",
        Event.DECLINE: "OrderReturnDeclined",
        Event.COMPLETE: "OrderReturnCompleted",
        Event.REFUND_LAST: "OrderReturnCompleted",
    },
    to_pending=TO_PENDING,
    to_decided={
        Event.APPROVE: f"{TO_PENDING}HasBeenApproved",
        Event.APPROVE_FINALLY: f"{TO_PENDING}HasBeenApproved",
        Event.DECLINE: f"{TO_PENDING}HasBeenDeclined",
    },
)
render_approval = renderer(OrderReturnApproval).render


def about_return(opened: OpenReturn) -> About:
    """The return; its order's user is told of it."""
    return About(
        opened.key,
        opened.loaded,
        opened.row["submitter_key"],
        RETURN_APPROVALS,
        RETURN_NOTICES,
        lambda approvals: _body(opened, approvals),
    )


def _body(opened: OpenReturn, approvals: Sequence[Values]) -> Values:
    """The approvals are those of the return."""
    shown = [render_approval(row | {"OrderReturnID": opened.row["ID"]}) for row in approvals]
    return body_of(opened.loaded, ()) | {"Approvals": shown, "OrderReturn": render(opened.row)}

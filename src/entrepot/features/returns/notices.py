"""Messages about returns to the order's user and to approvers (RET-8, MS-3)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from entrepot.domain.returns.status import Event
from entrepot.engine.call import Call
from entrepot.engine.rows import renderer
from entrepot.features.messages import Addressed, about_user, send_all
from entrepot.features.orders.models.returns import OrderReturnApproval
from entrepot.features.orders.notices import body_of, people_of
from entrepot.features.returns.store import OpenReturn, render

Values = dict[str, Any]

TO_USER = {
    Event.SUBMIT: "OrderReturnSubmitted",
    Event.SUBMIT_FOR_APPROVAL: "OrderReturnSubmittedForApproval",
    Event.APPROVE_FINALLY: "OrderReturnApproved",
    Event.DECLINE: "OrderReturnDeclined",
    Event.COMPLETE: "OrderReturnCompleted",
    Event.REFUND_LAST: "OrderReturnCompleted",
}
TO_PENDING = "OrderReturnSubmittedForYourApproval"
TO_DECIDED = {
    Event.APPROVE: f"{TO_PENDING}HasBeenApproved",
    Event.APPROVE_FINALLY: f"{TO_PENDING}HasBeenApproved",
    Event.DECLINE: f"{TO_PENDING}HasBeenDeclined",
}
render_approval = renderer(OrderReturnApproval).render


async def tell(
    call: Call,
    opened: OpenReturn,
    event: Event,
    approvals: Sequence[Values] = (),
    *,
    pending: Iterable[int] = (),
    decided: Iterable[int] = (),
) -> None:
    """Write the messages of an event: to the order's user, to the members of groups that are asked now (`pending`), and
    to those of groups whose approval has been given or refused (`decided`). Two statements, none where nobody is told.
    """
    asked, answered = frozenset(pending), frozenset(decided)
    to_user = TO_USER.get(event)
    if to_user is None and not asked and not answered:
        return
    order = opened.loaded.order
    found = []
    for row in await people_of(call, order, asked | answered):
        aggregate, groups = about_user(row["key"]), frozenset(row["approves"])
        if row["is_user"] and to_user is not None:
            # A guest's address is on the order's copy alone (ORD-20).
            found.append(Addressed(to_user, aggregate, order["FromUser"]["Email"]))
        if groups & asked:
            found.append(Addressed(TO_PENDING, aggregate, row["Email"]))
        if groups & answered:
            found.append(Addressed(TO_DECIDED[event], aggregate, row["Email"]))
    await send_all(call, call.marketplace_id, found, _body(opened, approvals))


def _body(opened: OpenReturn, approvals: Sequence[Values]) -> Values:
    """The approvals are those of the return."""
    shown = [render_approval(row | {"OrderReturnID": opened.row["ID"]}) for row in approvals]
    return body_of(opened.loaded, ()) | {"Approvals": shown, "OrderReturn": render(opened.row)}

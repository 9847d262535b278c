"""Messages about returns to the order's user and to approvers (RET-8, MS-3)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from entrepot.domain.returns.status import Event
from entrepot.engine.call import Call
from entrepot.engine.rows import renderer
from entrepot.features.messages import Addressed, about_user, send_all
from entrepot.features.orders.models.returns import OrderReturnApproval
from entrepot.features.orders.notices import body_of
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
PEOPLE = """
SELECT u.key, u."Email", u.key = $2 AS is_user,
       (SELECT coalesce(array_agg(m.group_key), ARRAY[]::bigint[]) FROM user_group_members m
        WHERE m.marketplace_id = $1 AND m.user_key = u.key AND m.group_key = ANY($3::bigint[])) AS approves
FROM users u
LEFT JOIN buyers b ON b.marketplace_id = $1 AND b."ID" = u."BuyerID"
LEFT JOIN suppliers s ON s.marketplace_id = $1 AND s."ID" = u."SupplierID"
WHERE u.marketplace_id = $1 AND u."Active" AND coalesce(b."Active", s."Active", true)
  AND (u.key = $2 OR u.key IN (SELECT m.user_key FROM user_group_members m
                               WHERE m.marketplace_id = $1 AND m.group_key = ANY($3::bigint[])))
ORDER BY u.key
"""
"""The order's user and the members of groups, of the seller and of suppliers; whoever is not active hears nothing."""
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
    rows = await call.db.fetch(PEOPLE, call.marketplace_id, order["user_key"], sorted(asked | answered))
    found = []
    for row in rows:
        aggregate, groups = about_user(row["key"]), frozenset(row["approves"])
        if row["is_user"] and to_user is not None:
            # A guest's address is on the order's copy alone (ORD-20).
            found.append(Addressed(to_user, aggregate, order["FromUser"]["Email"]))
        if groups & asked:
            found.append(Addressed(TO_PENDING, aggregate, row["Email"]))
        if groups & answered and event in TO_DECIDED:
            found.append(Addressed(TO_DECIDED[event], aggregate, row["Email"]))
    await send_all(call, call.marketplace_id, found, _body(opened, approvals))


def _body(opened: OpenReturn, approvals: Sequence[Values]) -> Values:
    """The approvals are those of the return."""
    shown = [render_approval(row | {"OrderReturnID": opened.row["ID"]}) for row in approvals]
    return body_of(opened.loaded, ()) | {"Approvals": shown, "OrderReturn": render(opened.row)}

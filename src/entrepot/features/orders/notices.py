"""Messages about orders to their user and to approvers (SUB-5, APR-6)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import asyncpg

from entrepot.domain.orders.status import Event
from entrepot.engine.call import Call
from entrepot.engine.rows import renderer
from entrepot.features.messages import Addressed, about_user, send_all
from entrepot.features.orders.models.orders import OrderApproval
from entrepot.features.orders.store import Loaded, render_line, render_order

Values = dict[str, Any]

TO_USER = {
    Event.SUBMIT: "OrderSubmitted",
    Event.SUBMIT_FOR_APPROVAL: "OrderSubmittedForApproval",
    Event.APPROVE_FINALLY: "OrderApproved",
    Event.DECLINE: "OrderDeclined",
    Event.DECLINE_FOR_NOW: "OrderDeclined",
}
TO_DECIDED = {
    Event.APPROVE: "OrderSubmittedForYourApprovalHasBeenApproved",
    Event.APPROVE_FINALLY: "OrderSubmittedForYourApprovalHasBeenApproved",
    Event.DECLINE: "OrderSubmittedForYourApprovalHasBeenDeclined",
    Event.DECLINE_FOR_NOW: "OrderSubmittedForYourApprovalHasBeenDeclined",
}
TO_PENDING = "OrderSubmittedForYourApproval"
PEOPLE = """
SELECT u.key, u."Email", u.key = $2 AS is_user,
       (SELECT coalesce(array_agg(m.group_key), '{}') FROM user_group_members m
        WHERE m.marketplace_id = $1 AND m.user_key = u.key AND m.group_key = ANY($3::bigint[])) AS approves
FROM users u
LEFT JOIN buyers b ON b.marketplace_id = $1 AND b."ID" = u."BuyerID"
LEFT JOIN suppliers s ON s.marketplace_id = $1 AND s."ID" = u."SupplierID"
WHERE u.marketplace_id = $1 AND u."Active" AND coalesce(b."Active", s."Active", true)
  AND (u.key = $2 OR u.key IN (SELECT m.user_key FROM user_group_members m
                               WHERE m.marketplace_id = $1 AND m.group_key = ANY($3::bigint[])))
ORDER BY u.key
"""
"""The order's user and the members of groups; inactive people and companies hear nothing."""
render_approval = renderer(OrderApproval).render


async def tell(
    call: Call,
    loaded: Loaded,
    event: Event,
    approvals: Sequence[Values] = (),
    *,
    pending: Iterable[int] = (),
    decided: Iterable[int] = (),
) -> None:
    """Write the messages of an event: to the order's user, to the members of groups that are asked now (`pending`), and
    to those of groups whose approval has been given or refused (`decided`). Two statements, none where nobody is told, one
    at a submit that asks nobody: it has found its user active.
    """
    asked, answered = frozenset(pending), frozenset(decided)
    to_user = TO_USER.get(event)
    if to_user is None and not asked and not answered:
        return
    order = loaded.order
    # A guest's address is on the order's copy alone (ORD-20).
    user = Addressed(to_user or "", about_user(order["user_key"]), order["FromUser"]["Email"])
    if event is Event.SUBMIT:
        await send_all(call, call.marketplace_id, [user], body_of(loaded, approvals))
        return
    rows = await people_of(call, order, asked | answered)
    found = []
    for row in rows:
        groups = frozenset(row["approves"])
        to = (about_user(row["key"]), row["Email"])
        if row["is_user"]:
            if to_user is not None:
                found.append(user)
            continue
        if groups & asked:
            found.append(Addressed(TO_PENDING, *to))
        if groups & answered:
            found.append(Addressed(TO_DECIDED[event], *to))
    await send_all(call, call.marketplace_id, found, body_of(loaded, approvals))


async def people_of(call: Call, order: Values, groups: Iterable[int]) -> list[asyncpg.Record]:
    """Who may hear of an order or of a return of it: its user (`is_user`), and the members of groups with those that they
    are in (`approves`). One statement.
    """
    return await call.db.fetch(PEOPLE, call.marketplace_id, order["user_key"], sorted(groups))


def body_of(loaded: Loaded, approvals: Sequence[Values]) -> Values:
    """The event body of all messages about orders (SUB-5)."""
    products = {line["ProductID"].lower(): line["Product"] for line in loaded.lines if line["Product"]}
    return {
        "Order": render_order(loaded.order),
        "Approvals": [render_approval(row) for row in approvals],
        "LineItems": [render_line(line) for line in loaded.lines],
        "Products": list(products.values()),
    }

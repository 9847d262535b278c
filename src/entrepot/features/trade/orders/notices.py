"""Messages about orders and returns to the order's user and to approvers (SUB-5, APR-6, RET-8, MS-3)."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from typing import Any

import asyncpg

from entrepot.engine.call import Call
from entrepot.features.people.messages.sending import Addressed, about_user, send_all
from entrepot.features.trade.orders.about import About
from entrepot.features.trade.orders.rows import OrderRow

Values = dict[str, Any]

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


async def tell(
    call: Call,
    about: About,
    event: enum.StrEnum,
    approvals: Sequence[Values] = (),
    *,
    pending: Iterable[int] = (),
    decided: Iterable[int] = (),
) -> None:
    """Write the messages of an event: to the order's user, to the members of groups that are asked now (`pending`), and
    to those of groups whose approval has been given or refused (`decided`). Two statements, none where nobody is told, one
    at a submit of an order that asks nobody: it has found its user active.
    """
    notices, order = about.notices, about.loaded.order
    asked, answered = frozenset(pending), frozenset(decided)
    to_user = notices.to_user.get(event)
    if to_user is None and not asked and not answered:
        return
    # A guest's address is on the order's copy alone (ORD-20).
    user = Addressed(to_user or "", about_user(order["user_key"]), order["FromUser"]["Email"])
    if event in notices.found_active:
        await send_all(call, call.marketplace_id, [user], about.body(approvals))
        return
    found = []
    for row in await people_of(call, order, asked | answered):
        groups = frozenset(row["approves"])
        to = (about_user(row["key"]), row["Email"])
        if row["is_user"] and to_user is not None:
            found.append(user)
        if row["key"] == about.submitter_key:
            continue
        if groups & asked:
            found.append(Addressed(notices.to_pending, *to))
        if groups & answered:
            found.append(Addressed(notices.to_decided[event], *to))
    await send_all(call, call.marketplace_id, found, about.body(approvals))


async def people_of(call: Call, order: OrderRow, groups: Iterable[int]) -> list[asyncpg.Record]:
    """Who may hear of an order or of a return of it: its user (`is_user`), and the members of groups with those that they
    are in (`approves`). One statement.
    """
    return await call.db.fetch(PEOPLE, call.marketplace_id, order["user_key"], sorted(groups))

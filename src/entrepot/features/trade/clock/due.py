"""What falls due in a marketplace as its time goes by, when it does next, and how it is done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from entrepot.domain.orders.status import DRAFT
from entrepot.domain.subscriptions.schedule import RETRY, WINDOW
from entrepot.engine.call import Backend
from entrepot.engine.statements import texts
from entrepot.features.trade.group_orders import expired
from entrepot.features.trade.orders import idle
from entrepot.features.trade.returns import idle as idle_returns
from entrepot.features.trade.subscriptions import reminders, rounds


@dataclass(frozen=True, slots=True)
class Due:
    """`next`: SELECT of the first moment after $2 at which there is something to do in marketplace $1, or NULL. `work`: does what is
    due there at a moment, and tells how many it was about.
    """

    chore: str
    next: str
    work: Callable[[Backend, int, datetime], Awaitable[int]]


async def _invitations(backend: Backend, marketplace_id: int, now: datetime) -> int:
    return await expired.delete_expired_of(backend.pool, marketplace_id, now)


async def _orders(backend: Backend, marketplace_id: int, now: datetime) -> int:
    return await idle.delete_idle_of(backend.pool, marketplace_id, now)


async def _returns(backend: Backend, marketplace_id: int, now: datetime) -> int:
    return await idle_returns.delete_idle_of(backend.pool, marketplace_id, now)


async def _reminders(backend: Backend, marketplace_id: int, _: datetime) -> int:
    return await reminders.remind_due_of(backend, marketplace_id)


async def _subscriptions(backend: Backend, marketplace_id: int, _: datetime) -> int:
    return await rounds.place_due_of(backend, marketplace_id)


def _interval(length: object) -> str:
    return f"interval '{length}'"


# The ages of what is idle by which line of the order it is (ST-15), as DELETE_IDLE has them.
_AGE = f"""CASE
    WHEN NOT EXISTS (SELECT 1 FROM line_items l WHERE l.marketplace_id = $1 AND l.order_key = o.key)
    THEN {_interval(idle.EMPTY)} WHEN o.guest THEN {_interval(idle.GUESTS)} ELSE {_interval(idle.PROFILED)} END"""

DUES: tuple[Due, ...] = (
    Due(
        "Subscriptions.Remind",
        """
SELECT min(t."NextOrderDate" - make_interval(hours => 24 * i."NotificationDays"))
FROM subscriptions t JOIN subscription_integrations i ON i.marketplace_id = $1 AND i."Active"
WHERE t.marketplace_id = $1 AND t."Active"
  AND t."NextOrderDate" - make_interval(hours => 24 * i."NotificationDays") > $2
""",
        _reminders,
    ),
    Due(
        "Subscriptions.Place",
        f"""
SELECT min(d.moment) FROM (
    SELECT CASE WHEN t."NextOrderDate" > $2 THEN t."NextOrderDate" ELSE t.tried_at + {_interval(RETRY)} END AS moment
    FROM subscriptions t
    WHERE t.marketplace_id = $1 AND t."Active" AND t."NextOrderDate" > $2::timestamptz - {_interval(WINDOW)}) d
WHERE d.moment > $2
""",
        _subscriptions,
    ),
    Due(
        "GroupOrders.DeleteExpired",
        'SELECT min("ExpirationDate") FROM group_order_invitations WHERE marketplace_id = $1 AND "ExpirationDate" > $2',
        _invitations,
    ),
    Due(
        "Orders.DeleteIdle",
        f"""
SELECT min(d.moment) FROM (
    SELECT o."LastUpdated" + {_AGE} AS moment FROM orders o
    WHERE o.marketplace_id = $1 AND o."Status" IN ({texts(DRAFT)})) d
WHERE d.moment > $2
""",
        _orders,
    ),
    Due(
        "OrderReturns.DeleteIdle",
        f"""
SELECT min(r."LastUpdated") + {_interval(idle_returns.AGE)} FROM order_returns r
WHERE r.marketplace_id = $1 AND r."Status" IN ({texts(DRAFT)}) AND r."LastUpdated" > $2::timestamptz - {_interval(idle_returns.AGE)}
""",
        _returns,
    ),
)
"""In the order in which they are done where several fall due at once."""


async def next_due(backend: Backend, marketplace_id: int, after: datetime) -> datetime | None:
    """The first moment after this one at which anything falls due. A statement for each kind."""
    moments = [await backend.pool.fetchval(due.next, marketplace_id, after) for due in DUES]
    return min((each for each in moments if each is not None), default=None)

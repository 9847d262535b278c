"""What falls due in a marketplace as its time goes by, when it does next, and how it is done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from entrepot.engine.call import Backend
from entrepot.features.people.mail.mailbox import Mailbox
from entrepot.features.trade.group_orders import expired
from entrepot.features.trade.orders import idle
from entrepot.features.trade.returns import idle as idle_returns
from entrepot.features.trade.subscriptions import reminders, rounds


@dataclass(frozen=True, slots=True)
class Due:
    """`next`: the first moment after another one at which there is something to do in a marketplace. `work`: does what is due there at a
    moment, and tells how many it was about.
    """

    chore: str
    next: Callable[[Backend, int, datetime], Awaitable[datetime | None]]
    work: Callable[[Backend, int, datetime], Awaitable[int]]


def _selected(query: str) -> Callable[[Backend, int, datetime], Awaitable[datetime | None]]:
    """By a SELECT of the moment after $2 in marketplace $1, or NULL."""

    async def find(backend: Backend, marketplace_id: int, after: datetime) -> datetime | None:
        moment: datetime | None = await backend.pool.fetchval(query, marketplace_id, after)
        return moment

    return find


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


def _mailbox(backend: Backend) -> Mailbox:
    mailbox: Mailbox = backend.services.mailbox
    return mailbox


async def _next_message(backend: Backend, marketplace_id: int, after: datetime) -> datetime | None:
    return await _mailbox(backend).next_old(backend.pool, marketplace_id, after)


async def _messages(backend: Backend, marketplace_id: int, now: datetime) -> int:
    return await _mailbox(backend).delete_old(backend.pool, marketplace_id, now)


DUES: tuple[Due, ...] = (
    Due("Subscriptions.Remind", _selected(reminders.NEXT), _reminders),
    Due("Subscriptions.Place", _selected(rounds.NEXT), _subscriptions),
    Due("GroupOrders.DeleteExpired", _selected(expired.NEXT), _invitations),
    Due("Orders.DeleteIdle", _selected(idle.NEXT), _orders),
    Due("OrderReturns.DeleteIdle", _selected(idle_returns.NEXT), _returns),
    Due("Mailbox.DeleteOld", _next_message, _messages),
)
"""In the order in which they are done where several fall due at once."""


async def next_due(backend: Backend, marketplace_id: int, after: datetime) -> datetime | None:
    """The first moment after this one at which anything falls due. A statement for each kind."""
    moments = [await due.next(backend, marketplace_id, after) for due in DUES]
    return min((each for each in moments if each is not None), default=None)

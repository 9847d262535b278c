"""The rounds in which orders of subscriptions are placed (SBS-2, SBS-3).

    one transaction: the order of the period, once   ->   the call abroad   ->   one transaction: its answer, the next date

A period begins at NextOrderDate and ends when the integration has answered well. Its order is made once: whatever fails
later, the next attempt tells the integration of the same order again, an hour later and until the window has passed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from entrepot.declare.operation import chore
from entrepot.domain.orders.status import OrderEvent, OrderStatus
from entrepot.domain.subscriptions.schedule import RETRY, WINDOW, following
from entrepot.engine.call import Backend, Call
from entrepot.engine.event_log import log_work
from entrepot.engine.rows import from_row
from entrepot.engine.units import writing
from entrepot.engine.wire.json import dump
from entrepot.features.trade.checkout.worksheets import worksheet_of
from entrepot.features.trade.orders import store as orders
from entrepot.features.trade.orders.store import Loaded
from entrepot.features.trade.subscriptions import store
from entrepot.features.trade.subscriptions.due import (
    CLAIM,
    CLAIMED,
    RUNNING,
    USER,
    attend_all,
    attend_of,
    take,
)
from entrepot.features.trade.subscriptions.integration import Integration, find_integration, tell_integration
from entrepot.features.trade.subscriptions.placing import place_order
from entrepot.features.trade.subscriptions.resources import SUBSCRIPTION
from entrepot.features.trade.subscriptions.store import Template
from entrepot.kernel.errors import ApiError
from entrepot.kernel.sql import Sql

Values = dict[str, Any]

INTERVAL = 300.0
"""Seconds between two rounds of one process: how late an order can be."""
IS_DUE = (
    'AND t."NextOrderDate" BETWEEN :since AND :now AND (t.tried_at IS NULL OR t.tried_at <= :tried_before)'
)
_WINDOW = ("marketplace_id", "now", "since", "tried_before")
DUE = Sql(f'SELECT t.key, {USER} {RUNNING} {IS_DUE} ORDER BY t."NextOrderDate", t.key').bound(*_WINDOW)
TAKE = Sql(f"{CLAIMED} {RUNNING} {IS_DUE} AND t.key = :key {CLAIM}").bound(*_WINDOW, "key")
NEXT = f"""
SELECT min(d.moment) FROM (
    SELECT CASE WHEN t."NextOrderDate" > $2 THEN t."NextOrderDate" ELSE t.tried_at + interval '{RETRY}' END AS moment
    FROM subscriptions t
    WHERE t.marketplace_id = $1 AND t."Active" AND t."NextOrderDate" > $2::timestamptz - interval '{WINDOW}') d
WHERE d.moment > $2
"""
"""When, after $2, the next order of a marketplace is due, or is tried again."""
LOCK = Sql(f"""
SELECT {store.COLUMNS} FROM subscriptions t
WHERE t.marketplace_id = :marketplace_id AND t.key = :key FOR NO KEY UPDATE OF t
""").bound("marketplace_id", "key")
ORDER_OF_KEY = f"SELECT {orders.COLUMNS} FROM orders t WHERE t.marketplace_id = $1 AND t.key = $2"
STORE_ANSWER = "UPDATE orders SET subscription_response = $3 WHERE marketplace_id = $1 AND key = $2"


PLACING = chore("Subscriptions.Place", moves=(OrderEvent.CREATE,))


@dataclass(frozen=True, slots=True)
class Attempt:
    """What the integration is to be told of a period. Without an order `error_code` says why."""

    integration: Integration
    key: int
    period: datetime
    order_key: int | None
    worksheet: Values | None
    unavailable: list[str]
    error_code: str


async def place_due(backend: Backend) -> int:
    """One round over all marketplaces; how many subscriptions this process has attended to."""
    return await attend_all(backend, PLACING, due=DUE, window=_window, attend=_attend)


async def place_due_of(backend: Backend, marketplace_id: int, seconds: float = math.inf) -> int:
    """The same for one marketplace, as many as are begun in these seconds."""
    return await attend_of(
        backend, marketplace_id, PLACING, due=DUE, window=_window, attend=_attend, seconds=seconds
    )


def _window(now: datetime) -> tuple[datetime, datetime, datetime]:
    return now, now - WINDOW, now - RETRY


async def _attend(call: Call, key: int) -> bool:
    """Whether the subscription was still due when it was locked."""
    async with writing(call):
        taken = await take(call, TAKE, *_window(call.clock()), key)
        if taken is None:
            return False
        attempt = await _begin(call, taken)
    if attempt is not None:
        told = (attempt.integration, attempt.worksheet, attempt.unavailable, attempt.error_code)
        answer = await tell_integration(call, *told)
        if attempt.order_key is not None:
            async with writing(call):
                await _end(call, attempt, attempt.order_key, answer)
    return True


async def _begin(call: Call, template: Template) -> Attempt | None:
    """The order of the period, made or found; None where nobody is to be told."""
    subscription = template.subscription
    subscription["tried_at"] = call.clock()
    integration = await find_integration(call)
    loaded, error_code = await _order_made(call, subscription), ""
    if loaded is None:
        loaded, error_code = await _order_now(call, template)
        if loaded is not None:
            await log_work(call, subscription["ID"], OrderID=loaded.order["ID"])
    # An order that somebody has taken on already was told of: only the answer was lost.
    done = loaded is not None and (integration is None or loaded.order["Status"] != OrderStatus.UNSUBMITTED)
    if done:
        _advance(subscription, call.clock())
    await store.save(call, template)
    if done or integration is None:
        return None
    return Attempt(
        integration=integration,
        key=template.key,
        period=subscription["NextOrderDate"],
        order_key=None if loaded is None else loaded.key,
        worksheet=None if loaded is None else await worksheet_of(call, loaded),
        unavailable=subscription["unavailable"] or [],
        error_code=error_code,
    )


async def _order_made(call: Call, subscription: Values) -> Loaded | None:
    """The order that an earlier attempt has made for this period, unless it has been deleted since."""
    if subscription["placed_for"] != subscription["NextOrderDate"] or subscription["order_key"] is None:
        return None
    row = await call.db.fetchrow(ORDER_OF_KEY, call.marketplace_id, subscription["order_key"])
    return None if row is None else await orders.load(call, orders.order_of(row))


async def _order_now(call: Call, template: Template) -> tuple[Loaded | None, str]:
    """A new order, or the code of what it was refused with; then nothing of it stays."""
    subscription = template.subscription
    assert call.connection is not None
    try:
        async with call.connection.transaction():
            loaded, unavailable = await place_order(call, template)
    except ApiError as error:
        return None, error.items()[0].code
    subscription["placed_for"] = subscription["NextOrderDate"]
    subscription["order_key"], subscription["unavailable"] = loaded.key, unavailable
    return loaded, ""


async def _end(call: Call, attempt: Attempt, order_key: int, answer: Values) -> None:
    """Keep the answer with the order; after a good one the next period begins, unless somebody has set another date."""
    # The subscription before its order, as a rename locks them.
    row = await call.db.fetchrow(LOCK, call.marketplace_id, attempt.key)
    await call.db.execute(STORE_ANSWER, call.marketplace_id, order_key, dump(answer))
    if row is None or not answer["Succeeded"] or row["NextOrderDate"] != attempt.period:
        return
    subscription = from_row(SUBSCRIPTION, row)
    template = Template(subscription, dict(subscription), Loaded(store.order_of(subscription)))
    _advance(subscription, call.clock())
    await store.save_row(call, template)


def _advance(subscription: Values, now: datetime) -> None:
    """Begin the next period; a subscription without one ends."""
    date = following(subscription["NextOrderDate"], subscription["Frequency"], subscription["Interval"])
    subscription["LastOrderDate"] = now
    if date is None:
        subscription["Active"] = False
    else:
        subscription["NextOrderDate"] = date
    for name in ("placed_for", "order_key", "unavailable", "tried_at"):
        subscription[name] = None

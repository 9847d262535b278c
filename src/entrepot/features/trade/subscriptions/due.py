"""Which subscriptions a round of work is about, and the calls in which it is done (SBS-2, SBS-4)."""

from __future__ import annotations

import math
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import asyncpg
import structlog

from entrepot.declare.operation import Operation
from entrepot.declare.roles import FULL_ACCESS
from entrepot.engine.call import Backend, Call
from entrepot.engine.marketplace_time import COLUMNS, NAMES, time_of
from entrepot.engine.principal import Principal
from entrepot.engine.rows import from_row
from entrepot.features.people.marketplaces import all_marketplaces, time_in
from entrepot.features.trade.subscriptions import store
from entrepot.features.trade.subscriptions.resources import SUBSCRIPTION
from entrepot.features.trade.subscriptions.store import Template
from entrepot.kernel.sql import Sql
from entrepot.kernel.user_types import UserType

Values = dict[str, Any]

CLOCK = "LEFT JOIN virtual_clocks k ON k.marketplace_id = :marketplace_id"
RUNNING = f"""
FROM subscriptions t
JOIN marketplaces m ON m.marketplace_id = :marketplace_id AND m."Active"
JOIN buyers c ON c.marketplace_id = :marketplace_id AND c."ID" = t."FromCompanyID" AND c."Active"
JOIN users w ON w.marketplace_id = :marketplace_id AND w.key = t.user_key AND w."Active" AND w."BuyerID" = t."FromCompanyID"
{CLOCK}
WHERE t.marketplace_id = :marketplace_id AND t."Active" AND (t."EndDate" IS NULL OR t."EndDate" > :now)
"""
"""Active subscriptions of active users of active companies, as of `:now`."""
USER = f"""t.user_key, t."FromCompanyID", m."ID" AS marketplace, w."ID" AS user_id, w."Username" AS username,
       w.generation, {COLUMNS}"""
OF_KEY = Sql(f"""
SELECT {store.COLUMNS}, {USER}
FROM subscriptions t
JOIN marketplaces m ON m.marketplace_id = :marketplace_id
JOIN users w ON w.marketplace_id = :marketplace_id AND w.key = t.user_key
{CLOCK}
WHERE t.marketplace_id = :marketplace_id AND t.key = :key
""").bound("marketplace_id", "key")
CLAIMED = f"SELECT {store.COLUMNS}, {USER}"
CLAIM = "FOR NO KEY UPDATE OF t SKIP LOCKED"
"""Of two processes one takes a subscription, and the other passes it over."""
BESIDE = ("marketplace", "user_id", "username", "generation", *NAMES)

log = structlog.get_logger("entrepot.subscriptions")


async def attend_all(
    backend: Backend,
    work: Operation,
    *,
    due: str,
    window: Callable[[datetime], tuple[datetime, ...]],
    attend: Callable[[Call, int], Awaitable[bool]],
) -> int:
    """One round over all marketplaces, each as `attend_of` has it."""
    attended = 0
    for marketplace_id in await all_marketplaces(backend.pool):
        attended += await attend_of(backend, marketplace_id, work, due=due, window=window, attend=attend)
    return attended


async def attend_of(
    backend: Backend,
    marketplace_id: int,
    work: Operation,
    *,
    due: str,
    window: Callable[[datetime], tuple[datetime, ...]],
    attend: Callable[[Call, int], Awaitable[bool]],
    seconds: float = math.inf,
) -> int:
    """One round over a marketplace: `attend` to each subscription that is due, in a call of its own that acts for the
    subscription's user; to how many it has. One that fails in a way that nobody foresaw is logged and keeps nobody else
    waiting.

    due: SELECT of keys with USER; its parameters from $2 on are what `window` makes of the time. seconds: after which no
    further one is begun.
    """
    attended, end = 0, time.monotonic() + seconds
    now = await time_in(backend.pool, marketplace_id, backend.clock)
    for row in await backend.pool.fetch(due, marketplace_id, *window(now)):
        if time.monotonic() >= end:
            break
        call = Call.of_server(work, backend, _user(marketplace_id, row))
        try:
            attended += await attend(call, row["key"])
        except Exception as error:  # noqa: BLE001 (whatever it is, the others are due all the same)
            log.warning(
                "not done", work=work.id, marketplace=marketplace_id, key=row["key"], error=repr(error)
            )
    return attended


async def take(call: Call, sql: str, *arguments: Any) -> Template | None:
    """The subscription that `sql` claims; None where it is not due any more, or its user is
    another one by now: then it is due again in the next round. $1 is the marketplace.
    """
    row = await call.db.fetchrow(sql, call.marketplace_id, *arguments)
    if row is None or _user(call.marketplace_id, row) != call.principal:
        return None
    return await store.load(call, _subscription(row))


async def open_of(call: Call, key: int) -> tuple[Call, Template] | None:
    """The subscription of a key, running or not, and a call that acts for its user; None for one that is gone."""
    row = await call.db.fetchrow(OF_KEY, call.marketplace_id, key)
    if row is None:
        return None
    of_user = Call.of_server(call.operation, call.backend, _user(call.marketplace_id, row))
    return of_user, await store.load(of_user, _subscription(row))


def _subscription(row: asyncpg.Record) -> Values:
    subscription = from_row(SUBSCRIPTION, row)
    for name in BESIDE:
        del subscription[name]
    return subscription


def _user(marketplace_id: int, row: asyncpg.Record) -> Principal:
    """For whom a call acts: the subscription's user, with all roles. What the items say was checked when it was written."""
    return Principal(
        marketplace_id=marketplace_id,
        marketplace=row["marketplace"],
        user_key=row["user_key"],
        user_id=row["user_id"],
        username=row["username"],
        user_type=UserType.BUYER,
        company_id=row["FromCompanyID"],
        client_id="",
        roles=frozenset({FULL_ACCESS}),
        epoch=0,
        generation=row["generation"],
        time=time_of(row),
        # Whether it has any is asked where it calls abroad.
        has_faults=True,
    )

"""Which subscriptions a round of work is about, and the calls in which it is done (SBS-2, SBS-4)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import structlog

from entrepot.declare.roles import FULL_ACCESS
from entrepot.domain.orders.status import Event
from entrepot.engine.call import Call
from entrepot.engine.content import Content
from entrepot.engine.principal import Principal
from entrepot.engine.rows import from_row
from entrepot.features.marketplaces import all_marketplaces
from entrepot.features.services import Services
from entrepot.features.subscriptions import crud, store
from entrepot.features.subscriptions.resources import SUBSCRIPTION
from entrepot.features.subscriptions.store import Template
from entrepot.kernel.clock import Clock
from entrepot.kernel.ids import new_id
from entrepot.kernel.user_types import UserType
from entrepot.storage.ready_pool import ReadyPool

Values = dict[str, Any]

RUNNING = """
FROM subscriptions t
JOIN marketplaces m ON m.marketplace_id = $1 AND m."Active"
JOIN buyers c ON c.marketplace_id = $1 AND c."ID" = t."FromCompanyID" AND c."Active"
JOIN users w ON w.marketplace_id = $1 AND w.key = t.user_key AND w."Active" AND w."BuyerID" = t."FromCompanyID"
WHERE t.marketplace_id = $1 AND t."Active" AND (t."EndDate" IS NULL OR t."EndDate" > $2)
"""
"""Active subscriptions of active users of active companies. $2 is now."""
CLAIMED = f"""
SELECT {store.COLUMNS}, m."ID" AS marketplace, w."ID" AS user_id, w."Username" AS username, w."Email" AS email,
       w.generation
"""
CLAIM = "FOR NO KEY UPDATE OF t SKIP LOCKED"
"""Of two processes one takes a subscription, and the other passes it over."""
BESIDE = ("marketplace", "user_id", "username", "email", "generation")

# No request's: what subscriptions place moves orders, which their operations do not.
PLACING = replace(crud.CREATE, id="Subscriptions.Place", moves=(Event.CREATE,))

log = structlog.get_logger("entrepot.subscriptions")


async def attend_all(
    pool: ReadyPool,
    services: Services,
    clock: Clock,
    base_url: str,
    *,
    due: str,
    window: Callable[[datetime], tuple[datetime, ...]],
    attend: Callable[[Call, int], Awaitable[bool]],
    failure: str,
) -> int:
    """One round over all marketplaces: `attend` to each subscription that is due, in a call of its own; to how many it has.
    One that fails in a way that nobody foresaw is logged as `failure` and keeps nobody else waiting.

    due: SELECT of keys; its parameters from $2 on are what `window` makes of the time.
    """
    attended = 0
    for marketplace_id in await all_marketplaces(pool):
        for row in await pool.fetch(due, marketplace_id, *window(clock())):
            call = call_for(pool, services, clock, base_url, marketplace_id)
            try:
                attended += await attend(call, row["key"])
            except Exception as error:  # noqa: BLE001 (whatever it is, the others are due all the same)
                log.warning(failure, marketplace=marketplace_id, key=row["key"], error=repr(error))
    return attended


async def take(call: Call, sql: str, *arguments: Any) -> tuple[Template, Values] | None:
    """The subscription that `sql` claims, with what else is known of its user, for whom the call acts from now on; None
    where it is not due any more. $1 is the marketplace.
    """
    row = await call.db.fetchrow(sql, call.marketplace_id, *arguments)
    if row is None:
        return None
    subscription = from_row(SUBSCRIPTION, row)
    user = {name: subscription.pop(name) for name in BESIDE}
    acting(call, subscription, user)
    return await store.load(call, subscription), user


def call_for(
    pool: ReadyPool,
    services: Services,
    clock: Clock,
    base_url: str,
    marketplace_id: int,
) -> Call:
    """A call of the server's own in a marketplace; `acting` gives it a user."""
    return Call(
        operation=PLACING,
        path={},
        query="",
        content=Content(),
        clock=clock,
        pool=pool,
        services=services,
        base_url=base_url,
        request_id=new_id(),
        caller=_principal(marketplace_id, {"user_key": 0, "FromCompanyID": ""}, dict.fromkeys(BESIDE, "")),
    )


def acting(call: Call, subscription: Values, user: Values) -> None:
    """Let the call act for the subscription's user, and with all roles: what the items say was checked when it was written."""
    call.caller = _principal(call.marketplace_id, subscription, user)


def _principal(marketplace_id: int, subscription: Values, user: Values) -> Principal:
    return Principal(
        marketplace_id=marketplace_id,
        marketplace=user["marketplace"],
        user_key=subscription["user_key"],
        user_id=user["user_id"],
        username=user["username"],
        user_type=UserType.BUYER,
        company_id=subscription["FromCompanyID"],
        client_id="",
        roles=frozenset({FULL_ACCESS}),
        epoch=0,
        generation=user["generation"] or 0,
    )

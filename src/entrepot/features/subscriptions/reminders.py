"""SubscriptionReminder: a message before the date of an order, once for each date (SBS-4)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import asyncpg
import structlog

from entrepot.domain.subscriptions.schedule import WINDOW
from entrepot.engine.call import Call
from entrepot.engine.units import writing
from entrepot.features.messages import about_user, send
from entrepot.features.services import Services
from entrepot.features.subscriptions import store
from entrepot.features.subscriptions.due import (
    CLAIM,
    CLAIMED,
    MARKETPLACES,
    RUNNING,
    acting,
    call_for,
    claimed,
)
from entrepot.features.subscriptions.pricing import orderable_items, project
from entrepot.features.subscriptions.store import Template
from entrepot.kernel.clock import Clock

Values = dict[str, Any]

NOTICE = """(
    SELECT make_interval(hours => 24 * i."NotificationDays") FROM subscription_integrations i
    WHERE i.marketplace_id = $1 AND i."Active")"""
IS_DUE = f"""
AND t."NextOrderDate" BETWEEN $2::timestamptz + {NOTICE} AND $3::timestamptz + {NOTICE}
AND t.reminded_for IS DISTINCT FROM t."NextOrderDate" - {NOTICE}
"""
DUE = f"SELECT t.key {RUNNING} {IS_DUE} ORDER BY t.key"
TAKE = f"{CLAIMED} {RUNNING} {IS_DUE} AND t.key = $4 {CLAIM}"

log = structlog.get_logger("entrepot.subscriptions")


async def remind_due(pool: asyncpg.Pool, services: Services, clock: Clock, base_url: str) -> int:
    """One round over all marketplaces; how many reminders this process has written."""
    reminded = 0
    for marketplace in await pool.fetch(MARKETPLACES):
        marketplace_id = marketplace["marketplace_id"]
        for row in await pool.fetch(DUE, marketplace_id, *_window(clock())):
            call = call_for(pool, services, clock, base_url, marketplace_id)
            try:
                reminded += await _remind(call, row["key"])
            except Exception as error:  # noqa: BLE001 (whatever it is, the others are due all the same)
                log.warning("reminder failed", marketplace=marketplace_id, key=row["key"], error=repr(error))
    return reminded


def _window(now: datetime) -> tuple[datetime, datetime]:
    return now, now + WINDOW


async def _remind(call: Call, key: int) -> bool:
    async with writing(call):
        row = await call.db.fetchrow(TAKE, call.marketplace_id, *_window(call.clock()), key)
        if row is None:
            return False
        subscription, user = claimed(row)
        acting(call, subscription, user)
        template = await store.load(call, subscription)
        body = await _body(call, template)
        subscription["reminded_for"] = subscription["NotificationDate"]
        await store.save(call, template)
        aggregate = about_user(subscription["user_key"])
        await send(call, call.marketplace_id, "SubscriptionReminder", aggregate, user["email"], body)
    return True


async def _body(call: Call, template: Template) -> Values:
    """MS-3"""
    _, unavailable = orderable_items(template, await project(call, template))
    items = template.loaded.lines
    products = {item["ProductID"].lower(): item["Product"] for item in items if item["Product"]}
    return {
        "Subscription": store.render(template.subscription),
        "LineItems": [store.render_item(item) for item in items],
        "Products": list(products.values()),
        "UnavailableProductIDs": unavailable,
    }

"""SubscriptionReminder: a message before the date of an order, once for each date (SBS-4)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from entrepot.declare.operation import chore
from entrepot.domain.subscriptions.schedule import WINDOW
from entrepot.engine.call import Backend, Call
from entrepot.engine.units import writing
from entrepot.features.people.messages.sending import about_user, send
from entrepot.features.trade.subscriptions import store
from entrepot.features.trade.subscriptions.due import CLAIM, CLAIMED, RUNNING, USER, attend_all, take
from entrepot.features.trade.subscriptions.pricing import orderable_items, project
from entrepot.features.trade.subscriptions.store import Template
from entrepot.kernel.sql import Sql

Values = dict[str, Any]

NOTICE = """(
    SELECT make_interval(hours => 24 * i."NotificationDays") FROM subscription_integrations i
    WHERE i.marketplace_id = :marketplace_id AND i."Active")"""
IS_DUE = f"""
AND t."NextOrderDate" BETWEEN :now::timestamptz + {NOTICE} AND :until::timestamptz + {NOTICE}
AND t.reminded_for IS DISTINCT FROM t."NextOrderDate" - {NOTICE}
"""
DUE = Sql(f"SELECT t.key, {USER} {RUNNING} {IS_DUE} ORDER BY t.key").bound("marketplace_id", "now", "until")
TAKE = Sql(f"{CLAIMED} {RUNNING} {IS_DUE} AND t.key = :key {CLAIM}").bound(
    "marketplace_id", "now", "until", "key"
)
REMINDING = chore("Subscriptions.Remind")


async def remind_due(backend: Backend) -> int:
    """One round over all marketplaces; how many reminders this process has written."""
    return await attend_all(backend, REMINDING, due=DUE, window=_window, attend=_remind)


def _window(now: datetime) -> tuple[datetime, datetime]:
    return now, now + WINDOW


async def _remind(call: Call, key: int) -> bool:
    async with writing(call):
        taken = await take(call, TAKE, *_window(call.clock()), key)
        if taken is None:
            return False
        template, email = taken
        subscription = template.subscription
        body = await _body(call, template)
        subscription["reminded_for"] = subscription["NotificationDate"]
        await store.save(call, template)
        aggregate = about_user(subscription["user_key"])
        await send(call, call.marketplace_id, "SubscriptionReminder", aggregate, email, body)
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

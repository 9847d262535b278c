"""SubscriptionReminder: a message before the date of an order, once for each date (SBS-4)."""

from __future__ import annotations

from datetime import datetime

from entrepot.declare.operation import chore
from entrepot.domain.messages.declared import Subject
from entrepot.domain.subscriptions.schedule import WINDOW
from entrepot.engine.call import Backend, Call
from entrepot.engine.units import writing
from entrepot.features.people.messages.telling import tell_messages
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
from entrepot.kernel.sql import Sql

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
NEXT = Sql(f"""
SELECT min(t."NextOrderDate" - {NOTICE}) FROM subscriptions t
WHERE t.marketplace_id = :marketplace_id AND t."Active" AND t."NextOrderDate" - {NOTICE} > :after
""").bound("marketplace_id", "after")
"""When, afterwards, the next reminder of a marketplace is due."""
REMINDING = chore("Subscriptions.Remind")


async def remind_due(backend: Backend) -> int:
    """One round over all marketplaces; how many reminders this process has written."""
    return await attend_all(backend, REMINDING, due=DUE, window=_window, attend=_remind)


async def remind_due_of(backend: Backend, marketplace_id: int) -> int:
    """The same for one marketplace."""
    return await attend_of(backend, marketplace_id, REMINDING, due=DUE, window=_window, attend=_remind)


def _window(now: datetime) -> tuple[datetime, datetime]:
    return now, now + WINDOW


async def _remind(call: Call, key: int) -> bool:
    async with writing(call):
        template = await take(call, TAKE, *_window(call.clock()), key)
        if template is None:
            return False
        subscription = template.subscription
        subscription["reminded_for"] = subscription["NotificationDate"]
        await store.save_row(call, template)
        aggregate = f"subscription/{template.key}"
        await tell_messages(call, call.marketplace_id, Subject.SUBSCRIPTION, aggregate, {"key": template.key})
    return True

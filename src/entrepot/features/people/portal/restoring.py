"""Staging marketplaces are made anew of production's (PORT-9): all of one in one transaction, or nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import asyncpg
import structlog

from entrepot.domain.portal.restoring import next_restore
from entrepot.engine.call import Backend
from entrepot.features.people.copies import Copies, begun_anew, limited
from entrepot.features.people.portal import staging
from entrepot.features.people.portal.access import Access, administered
from entrepot.kernel.errors import ApiError
from entrepot.kernel.ids import new_id

INTERVAL = 5.0
"""Seconds between two looks."""
TELLS = 5
"""Attempts to tell the webhook of one restore."""
LIMIT = timedelta(hours=1)
"""Of one statement: what is not copied by then fails."""
CHANGES = {
    ("message_senders", "URL"): "NULL",
    ("webhooks", "Url"): "NULL",
    ("webhooks", "ApiClientIDs"): "CAST('{}' AS citext[])",
    ("integration_events", "CustomImplementationUrl"): "''",
    ("api_clients", "OrderCheckoutIntegrationEventID"): "NULL",
    ("api_clients", "OrderReturnIntegrationEventID"): "NULL",
    ("api_clients", "AddToCartIntegrationEventID"): "NULL",
    ("promotion_integrations", "Url"): "NULL",
    ("subscription_integrations", "Url"): "NULL",
    ("delivery_configs", "Enabled"): "false",
    # Above all that the users had here: no token of before holds.
    ("users", "generation"): """t.generation + CAST(
        (SELECT e.epoch FROM security_epochs e WHERE e.marketplace_id = $2) AS integer)""",
}
"""What would reach somebody outside from a copy is another there, or off; the last four are our own."""
WITHOUT = ("message_sender_assignments", "message_cc_listeners")
DUE = """
SELECT r.marketplace_id, r.source_id, r.account_key, o."Id"::text AS target, s."Id"::text AS source FROM portal_restores r
JOIN portal_organizations o ON o.marketplace_id = r.marketplace_id JOIN portal_organizations s ON s.marketplace_id = r.source_id
WHERE r."DateDue" <= $1 ORDER BY r."DateDue" LIMIT 20
"""
# Held as long as one is under way, whatever becomes of the process.
ALONE = "SELECT pg_try_advisory_xact_lock(hashtextextended('portal_restores ' || $1::bigint, 0))"
STILL_DUE = """
SELECT 1 FROM portal_restores WHERE marketplace_id = $1 AND source_id = $2 AND "DateDue" <= $3
"""
STEP = """
UPDATE portal_restores SET "Status" = 'Running', "Step" = $2, "Failure" = NULL,
    "DateStarted" = coalesce($3, "DateStarted"), "DateEnded" = CASE WHEN $3::timestamptz IS NULL THEN "DateEnded" END
WHERE marketplace_id = $1
"""
END = """
UPDATE portal_restores SET "Status" = $2, "Step" = NULL, "Failure" = $3, "DateEnded" = $4,
    "DateDue" = CASE WHEN "Weekly" THEN $5::timestamptz END, tells_left = $6
WHERE marketplace_id = $1
"""
UNTOLD = """
SELECT r.marketplace_id, r.account_key, o."Id"::text AS target FROM portal_restores r
JOIN portal_organizations o ON o.marketplace_id = r.marketplace_id
WHERE r.tells_left > 0 ORDER BY r.marketplace_id LIMIT 20
"""
TELL = "UPDATE portal_restores SET tells_left = tells_left - 1 WHERE marketplace_id = $1 AND tells_left > 0 RETURNING tells_left"
TOLD = "UPDATE portal_restores SET tells_left = 0 WHERE marketplace_id = $1"
LOST = "Who asked for the restore does not administer both marketplaces any more."
FAILED = "The restore could not be done; nothing was changed. It is told in the server's log."

log = structlog.get_logger("entrepot.portal")


class LostAccessError(Exception):
    """Who asked for a restore has lost what it needs."""


async def restore_due(backend: Backend, copies: Callable[[], Awaitable[Copies]]) -> int:
    """One round: those that are due, one after another, and webhooks that have not been told; how many were restored."""
    done = 0
    for row in await backend.pool.fetch(DUE, backend.clock()):
        done += await _restore(backend, await copies(), row)
    await tell_untold(backend)
    return done


async def tell_untold(backend: Backend) -> None:
    """Tell the webhooks of restores that have ended: at least once, some times at most."""
    for row in await backend.pool.fetch(UNTOLD):
        marketplace_id = row["marketplace_id"]
        if await backend.pool.fetchval(TELL, marketplace_id) is None:
            continue
        webhook = await staging.find(backend.pool, backend.services.box, marketplace_id)
        if webhook is not None:
            organization = (await _administered(backend, row["account_key"], row["target"])).organization
            answer = await staging.tell(backend, organization, webhook, new_id())
            if not answer.succeeded:
                log.warning("restore not told", marketplace=row["target"], status=answer.status)
                continue
        await backend.pool.execute(TOLD, marketplace_id)


async def _restore(backend: Backend, copies: Copies, row: asyncpg.Record) -> bool:
    """Whether it was this process that did it."""
    target, began, held = row["marketplace_id"], backend.clock(), False

    async def attempt() -> bool:
        nonlocal held
        async with backend.pool.unit(target) as connection:
            held = await connection.fetchval(ALONE, target)
            if not held or not await connection.fetchval(STILL_DUE, target, row["source_id"], began):
                return False
            await _replace(backend, copies, connection, row)
        return True

    try:
        if not await begun_anew(attempt):
            return False
    except Exception as error:  # noqa: BLE001 (whatever it is, who asked is told, and others go on)
        log.warning("marketplace not restored", marketplace=row["target"], error=repr(error))
        # Else another process may be at it, and it stays due.
        if held:
            why = LOST if isinstance(error, LostAccessError) else FAILED
            await backend.pool.execute(END, target, *_ended(backend, "Failed", why, tells=0))
        return False
    log.info("marketplace restored", marketplace=row["target"], source=row["source"])
    return True


async def _replace(
    backend: Backend, copies: Copies, connection: asyncpg.Connection, row: asyncpg.Record
) -> None:
    source, target = row["source_id"], row["marketplace_id"]
    for named in (row["target"], row["source"]):
        await _administered(backend, row["account_key"], named)
    await limited(connection, LIMIT)
    # Steps are told beside the transaction, of which nobody sees anything before it ends.
    await backend.pool.execute(STEP, target, "Clearing", backend.clock())
    await copies.clear(connection, target)
    await backend.pool.execute(STEP, target, "Copying", None)
    await copies.copy(connection, backend.services.box, source, target)
    await copies.replaced(connection, target)
    await connection.execute(END, target, *_ended(backend, "Completed", None, tells=TELLS))


def _ended(backend: Backend, status: str, failure: str | None, *, tells: int) -> tuple[Any, ...]:
    now = backend.clock()
    return status, failure, now, next_restore(now), tells


async def _administered(backend: Backend, account_key: int, named: str) -> Access:
    try:
        return await administered(backend.pool, account_key, named)
    except ApiError:
        raise LostAccessError from None

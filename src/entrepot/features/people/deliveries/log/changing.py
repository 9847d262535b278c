"""Delivering something anew, and giving up what has not ended."""

from __future__ import annotations

from typing import Any

import asyncpg

from entrepot.declare.operation import Operation, Reply, Unit, operation
from entrepot.domain.deliveries.status import Status
from entrepot.engine.call import Call
from entrepot.engine.wire.json import dump, load
from entrepot.features.people.deliveries.claiming import MOST_ENTRIES
from entrepot.features.people.deliveries.log.access import COMMON, sees
from entrepot.features.people.deliveries.log.listing import TAG
from entrepot.features.people.deliveries.log.reading import ITEM
from entrepot.features.people.deliveries.log.waking import wake_after
from entrepot.features.people.deliveries.storing import LOCK_ENDPOINTS, UNEXPANDED
from entrepot.kernel.errors import DeliveryEndedError, DeliveryGoneError, DeliveryNotEndedError, NotFoundError
from entrepot.kernel.sql import Sql

FIND = Sql("""
SELECT key, integration, endpoint FROM deliveries WHERE marketplace_id = :marketplace_id AND "ID" = :delivery
""").bound("marketplace_id", "delivery")
LOCK = Sql("""
SELECT key, target, ended_at, log, body IS NULL AS is_empty, facts IS NOT NULL AS has_facts FROM deliveries
WHERE marketplace_id = :marketplace_id AND key = :key FOR UPDATE
""").bound("marketplace_id", "key")
# It keeps its place: before what was told of the same thing later, and after what is on its way.
REPLAY = Sql("""
UPDATE deliveries d SET status = :status, ended_at = NULL, failure = NULL, lease = NULL, leased_until = NULL,
    log = CAST(:log AS json),
    due_at = CASE WHEN NOT EXISTS (
        SELECT 1 FROM deliveries b WHERE b.marketplace_id = :marketplace_id AND b.lane = d.lane AND b.ended_at IS NULL)
        THEN CAST(:now AS timestamptz) END
WHERE d.marketplace_id = :marketplace_id AND d.key = :key
""").bound("marketplace_id", "key", "status", "log", "now")
TELL_AGAIN = Sql("""
WITH gone AS (
    DELETE FROM deliveries WHERE marketplace_id = :marketplace_id AND key = :key
    RETURNING kind, aggregate, facts, confidential, request_id, told_at)
INSERT INTO outbox_events (marketplace_id, kind, aggregate, facts, confidential, request_id, told_at)
SELECT :marketplace_id, kind, aggregate, facts, confidential, request_id, told_at FROM gone
""").bound("marketplace_id", "key")
CANCEL = Sql("""
WITH given_up AS (
    UPDATE deliveries SET status = :status, ended_at = :now, due_at = NULL, lease = NULL, leased_until = NULL,
        log = CAST(:log AS json)
    WHERE marketplace_id = :marketplace_id AND key = :key
    RETURNING lane),
next AS (
    SELECT b.key, b.due_at FROM given_up g CROSS JOIN LATERAL (
        SELECT n.key, n.due_at FROM deliveries n
        WHERE n.marketplace_id = :marketplace_id AND n.lane = g.lane AND n.ended_at IS NULL AND n.key <> :key
        ORDER BY n.key LIMIT 1) b)
UPDATE deliveries d SET due_at = :now FROM next n
WHERE d.marketplace_id = :marketplace_id AND d.key = n.key AND n.due_at IS NULL
""").bound("marketplace_id", "key", "status", "log", "now")


@operation(
    "Deliveries.Replay",
    "POST",
    f"{ITEM}/replay",
    **COMMON,
    tag=TAG,
    summary="Deliver something anew",
    description="It keeps its ID, by which receivers know what they have had already, and gets as many attempts as a new one.",
    status=204,
    errors=(NotFoundError, DeliveryNotEndedError, DeliveryGoneError),
    unit=Unit.WRITE,
    table="deliveries",
)
async def replay(call: Call) -> Reply:
    """What could not be expanded becomes the event again that it was. Four statements."""
    row = await _locked(call)
    if row["ended_at"] is None:
        raise DeliveryNotEndedError
    if row["target"] == UNEXPANDED:
        if not row["has_facts"]:
            raise DeliveryGoneError
        await call.db.execute(TELL_AGAIN, call.marketplace_id, row["key"])
    elif row["is_empty"]:
        raise DeliveryGoneError
    else:
        log = _logged(call, row, "Replayed")
        await call.db.execute(REPLAY, call.marketplace_id, row["key"], Status.QUEUED, log, call.clock())
    wake_after(call)
    return Reply()


@operation(
    "Deliveries.Cancel",
    "POST",
    f"{ITEM}/cancel",
    **COMMON,
    tag=TAG,
    summary="Give up a delivery",
    description="An attempt that is under way may still arrive; none follows it.",
    status=204,
    errors=(NotFoundError, DeliveryEndedError),
    unit=Unit.WRITE,
    table="deliveries",
)
async def cancel(call: Call) -> Reply:
    """What waits behind it is due. Four statements."""
    row = await _locked(call)
    if row["ended_at"] is not None:
        raise DeliveryEndedError
    log = _logged(call, row, "Cancelled")
    await call.db.execute(CANCEL, call.marketplace_id, row["key"], Status.CANCELLED, log, call.clock())
    wake_after(call)
    return Reply()


async def _locked(call: Call) -> asyncpg.Record:
    """The delivery, under the lock of its endpoint as whatever changes lanes has it. Raises NotFoundError."""
    delivery_id = call.path["deliveryID"]
    found = await call.db.fetchrow(FIND, call.marketplace_id, delivery_id)
    if found is not None and sees(call, found["integration"]):
        await call.db.fetch(LOCK_ENDPOINTS, call.marketplace_id, [found["endpoint"]])
        row = await call.db.fetchrow(LOCK, call.marketplace_id, found["key"])
        if row is not None:
            return row
    raise NotFoundError("Delivery", delivery_id)


def _logged(call: Call, row: asyncpg.Record, what: str) -> str:
    entry: dict[str, Any] = {"At": call.clock(), what: call.principal.username or call.principal.user_id}
    return dump([*load(row["log"]), entry][-MOST_ENTRIES:])


OPERATIONS: tuple[Operation, ...] = (replay, cancel)

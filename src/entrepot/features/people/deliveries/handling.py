"""What somebody may do about deliveries and endpoints: have one delivered anew, cancel it, keep an endpoint waiting.

All of it within a unit that writes, and by what holds lanes together (storing.py `LOCK_ENDPOINTS`).
"""

from __future__ import annotations

from functools import partial

import asyncpg

from entrepot.engine.call import Call
from entrepot.engine.recording import Recording
from entrepot.engine.wire.json import dump, load
from entrepot.features.people.deliveries.claiming import MOST_ENTRIES
from entrepot.features.people.deliveries.storing import KNOW_ENDPOINTS, LOCK_ENDPOINTS
from entrepot.features.people.deliveries.waking import Waking
from entrepot.features.people.services import services

ENDPOINT_OF = 'SELECT endpoint FROM deliveries WHERE marketplace_id = $1 AND "ID" = $2'
LOCK = """
SELECT key, lane, log, ended_at, status, body IS NULL AS bodiless, facts IS NOT NULL AS unexpanded FROM deliveries
WHERE marketplace_id = $1 AND "ID" = $2 FOR UPDATE
"""
TELL_ANEW = """
WITH gone AS (
    DELETE FROM deliveries WHERE marketplace_id = $1 AND key = $2
    RETURNING kind, aggregate, facts, confidential, request_id, told_at)
INSERT INTO outbox_events (marketplace_id, kind, aggregate, facts, confidential, request_id, told_at)
SELECT $1, kind, aggregate, facts, confidential, request_id, told_at FROM gone
"""
REPLAY = """
UPDATE deliveries d SET status = 'Queued', ended_at = NULL, failure = NULL, log = $4, lease = NULL, leased_until = NULL,
    due_at = CASE WHEN NOT EXISTS (SELECT 1 FROM deliveries b WHERE b.marketplace_id = $1 AND b.lane = $5
        AND b.ended_at IS NULL AND b.key < $2) THEN $3::timestamptz END
WHERE d.marketplace_id = $1 AND d.key = $2
"""
CANCEL = """
UPDATE deliveries SET status = 'Cancelled', ended_at = $3, due_at = NULL, lease = NULL, leased_until = NULL, log = $4
WHERE marketplace_id = $1 AND key = $2
"""
FREE_NEXT = """
UPDATE deliveries d SET due_at = $3 WHERE d.marketplace_id = $1 AND d.due_at IS NULL AND d.key = (
    SELECT b.key FROM deliveries b WHERE b.marketplace_id = $1 AND b.lane = $2 AND b.ended_at IS NULL ORDER BY b.key LIMIT 1)
"""
PAUSE = "UPDATE delivery_endpoints SET paused_at = $3 WHERE marketplace_id = $1 AND endpoint = $2"


async def replay(call: Call, delivery_id: str) -> bool:
    """Have a delivery that has ended delivered anew, under the same ID and with the same body; one whose event could not be
    expanded is told anew, and goes. False where there is none that has ended, or nothing of it is left to deliver.
    """
    row = await _locked(call, delivery_id)
    if row is None or row["ended_at"] is None:
        return False
    if row["unexpanded"]:
        await call.db.execute(TELL_ANEW, call.marketplace_id, row["key"])
    elif row["bodiless"]:
        return False
    else:
        log = _with(call, row, "Replayed")
        await call.db.execute(REPLAY, call.marketplace_id, row["key"], call.server_clock(), log, row["lane"])
    wake(call)
    return True


async def cancel(call: Call, delivery_id: str) -> bool:
    """End a delivery that has not ended. One that is under way may arrive all the same. False where there is none."""
    row = await _locked(call, delivery_id)
    if row is None or row["ended_at"] is not None:
        return False
    now = call.server_clock()
    await call.db.execute(CANCEL, call.marketplace_id, row["key"], now, _with(call, row, "Cancelled"))
    await call.db.execute(FREE_NEXT, call.marketplace_id, row["lane"], now)
    wake(call)
    return True


async def pause(call: Call, endpoint: str) -> None:
    """Keep the deliveries of an endpoint (places.py `endpoint_of`) waiting until it is resumed."""
    await call.db.execute(KNOW_ENDPOINTS, call.marketplace_id, [endpoint])
    await call.db.execute(PAUSE, call.marketplace_id, endpoint, call.server_clock())


async def resume(call: Call, endpoint: str) -> None:
    """Let the deliveries of an endpoint go on."""
    await call.db.execute(PAUSE, call.marketplace_id, endpoint, None)
    wake(call)


def wake(call: Call) -> None:
    """Wake who delivers, once the call's unit has been committed."""
    follow = partial(services(call).memory(Waking).wake, call.marketplace_id)
    if isinstance(call.connection, Recording):
        call.connection.followed.append(follow)
    else:
        follow()


async def _locked(call: Call, delivery_id: str) -> asyncpg.Record | None:
    endpoint = await call.db.fetchval(ENDPOINT_OF, call.marketplace_id, delivery_id)
    if endpoint is None:
        return None
    await call.db.execute(KNOW_ENDPOINTS, call.marketplace_id, [endpoint])
    await call.db.fetch(LOCK_ENDPOINTS, call.marketplace_id, [endpoint])
    return await call.db.fetchrow(LOCK, call.marketplace_id, delivery_id)


def _with(call: Call, row: asyncpg.Record, what: str) -> str:
    """The log with an entry that says what somebody did, and who; the attempts after `Replayed` are counted anew."""
    who = call.principal.username or call.principal.user_id
    entries = [*load(row["log"]), {"At": call.server_clock(), what: who or True}]
    return dump(entries[-MOST_ENTRIES:])

"""Runs that send many things anew: all of a kind, what was held, what follows a change of very much (SYNC-5, SYNC-7).

A run is a row. Whoever comes by tells its next slice, in the transaction that says how far it is: so it goes on wherever a process
ends, and no slice is told twice. It waits while much of the marketplace is due.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import asyncpg

from entrepot.engine.call import Backend, Call, Database
from entrepot.engine.syncing import Name
from entrepot.engine.wire.json import dump, load
from entrepot.features.people.deliveries.telling import tell
from entrepot.features.trade.synchronization import kinds, slices
from entrepot.features.trade.synchronization.kinds import BY_SETTING, SyncKind
from entrepot.features.trade.synchronization.outlook import AGGREGATE, SYNCHRONIZED
from entrepot.kernel.clock import parse_datetime
from entrepot.kernel.errors import FullSyncRunningError
from entrepot.kernel.ids import new_id

INTERVAL = 1.0
"""Seconds between two looks."""
SLICE = 100
"""Things of one event."""
MOST_DUE = 1000
"""Deliveries of a marketplace that are due, and things of events before them, beyond which a run waits."""
FULL, HELD, FOLLOWED = "Full", "Held", "Followed"

START = """
INSERT INTO sync_runs (marketplace_id, "ID", setting, source, parameters, status, total, started_at, updated_at)
VALUES ($1, $2, $3, $4, $5, 'Running', $6, $7, $7)
ON CONFLICT (marketplace_id, "ID") DO NOTHING
"""
# Without a marketplace: a look into a partial index that is empty nearly always.
WITH_RUNS = "SELECT DISTINCT marketplace_id FROM sync_runs WHERE ended_at IS NULL ORDER BY marketplace_id"
TAKE = """
SELECT key, setting, source, parameters, place FROM sync_runs
WHERE marketplace_id = $1 AND ended_at IS NULL ORDER BY key LIMIT 1 FOR UPDATE SKIP LOCKED
"""
DUE = f"""
SELECT (SELECT count(*) FROM (
           SELECT 1 FROM outbox_events e WHERE e.marketplace_id = $1 AND e.kind = '{SYNCHRONIZED}' LIMIT $2) e) * {SLICE}
     + (SELECT count(*) FROM (
           SELECT 1 FROM deliveries d WHERE d.marketplace_id = $1 AND d.ended_at IS NULL LIMIT $2) d)
"""
PROCEED = """
UPDATE sync_runs SET place = $3, done = done + $4, updated_at = $5, ended_at = $6, status = $7
WHERE marketplace_id = $1 AND key = $2
"""

KEPT = timedelta(days=30)
FORGOTTEN_AT_ONCE = 1000
FORGET = """
DELETE FROM sync_runs r WHERE r.marketplace_id = $1 AND r.key = ANY(ARRAY(
    SELECT o.key FROM sync_runs o WHERE o.marketplace_id = $1 AND o.ended_at < $2 ORDER BY o.key LIMIT $3))
"""
"""$1 marketplace, $2 until when they ended, $3 how many: whatever ends takes long ended ones along."""


async def start_full(
    db: Database,
    marketplace_id: int,
    kind: SyncKind,
    now: datetime,
    parameters: Mapping[str, Any],
) -> str:
    """Begin a run over all things of a kind; its ID. Two statements. Raises FullSyncAlreadyRunning.

    parameters: CatalogID and CategoryID of products, StartDate and EndDate of orders, as text.
    """
    total = await slices.count_all(db, marketplace_id, kind, _arguments(kind, parameters))
    run_id = new_id()
    try:
        await db.execute(
            START, marketplace_id, run_id, kind.setting, FULL, dump(dict(parameters)), total, now
        )
    except asyncpg.UniqueViolationError as error:
        raise FullSyncRunningError from error
    return run_id


async def begin_following(call: Call, event_key: int, changed: Mapping[str, Sequence[Any]]) -> None:
    """Begin a run over the products that an event changes; one for each event, however often it is expanded. One statement."""
    named = {str(name): list(names) for name, names in changed.items()}
    run_id = f"{FOLLOWED.lower()}-{event_key}"
    setting, now = kinds.PRODUCTS.setting, call.server_clock()
    await call.db.execute(START, call.marketplace_id, run_id, setting, FOLLOWED, dump(named), None, now)


async def advance(backend: Backend) -> int:
    """Tell the next slices of all runs; how many. A process that is killed leaves them as they are."""
    return sum(
        [await advance_of(backend, row["marketplace_id"]) for row in await backend.pool.fetch(WITH_RUNS)]
    )


async def advance_of(backend: Backend, marketplace_id: int) -> int:
    """The same for one marketplace."""
    told = 0
    while await _proceed(backend, marketplace_id):
        told += 1
    return told


async def _proceed(backend: Backend, marketplace_id: int) -> bool:
    """Tell a slice of a marketplace's first run that no other process has; whether there may be more to do now."""
    async with backend.pool.unit(marketplace_id) as connection:
        if await connection.fetchval(DUE, marketplace_id, MOST_DUE) >= MOST_DUE:
            return False
        run = await connection.fetchrow(TAKE, marketplace_id)
        if run is None:
            return False
        kind, source, parameters = BY_SETTING[run["setting"]], run["source"], load(run["parameters"])
        place = None if run["place"] is None else load(run["place"])
        names = await _names(connection, marketplace_id, kind, source, place, parameters)
        if names:
            facts = _facts(kind, source, names)
            await tell(connection, marketplace_id, SYNCHRONIZED, AGGREGATE, facts)
        ended = len(names) < SLICE
        now = backend.clock()
        await connection.execute(
            PROCEED,
            marketplace_id,
            run["key"],
            dump(list(names[-1])) if names else run["place"],
            len(names),
            now,
            now if ended else None,
            "Completed" if ended else "Running",
        )
        if ended:
            await connection.execute(FORGET, marketplace_id, now - KEPT, FORGOTTEN_AT_ONCE)
        return True


async def _names(
    connection: Any,
    marketplace_id: int,
    kind: SyncKind,
    source: str,
    place: Sequence[Any] | None,
    parameters: Mapping[str, Any],
) -> list[Name]:
    match source:
        case "Held":
            return await slices.held(connection, marketplace_id, kind, SLICE)
        case "Followed":
            return await slices.followed(connection, marketplace_id, place, SLICE, parameters)
        case _:
            arguments = _arguments(kind, parameters)
            return await slices.all_after(connection, marketplace_id, kind, place, SLICE, arguments)


def _facts(kind: SyncKind, source: str, names: Sequence[Name]) -> Mapping[str, Any]:
    """As expanding.py takes them: what was held of records may be one of them, or all of a product."""
    facts: dict[str, Any] = {"changed": {}, "asked": source != FOLLOWED, "exactly": True}
    if kind is kinds.INVENTORY_RECORDS:
        facts["records_of"] = [name for name in names if isinstance(name[0], str)]
        names = [name for name in names if not isinstance(name[0], str)]
    if names:
        facts["changed"] = {str(kind.thing): names}
    return facts


def _arguments(kind: SyncKind, parameters: Mapping[str, Any]) -> tuple[Any, Any]:
    if kind is kinds.ORDERS:
        start, end = (parameters.get(name) for name in ("StartDate", "EndDate"))
        return (
            None if start is None else parse_datetime(start),
            None if end is None else parse_datetime(end),
        )
    return parameters.get("CatalogID"), parameters.get("CategoryID")

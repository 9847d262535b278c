"""`entrepot sync`: a full run, begun and watched from the command line (SYNC-7)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, cast

import asyncpg

from entrepot.app.forwarding import MARKETPLACE, UnknownNameError
from entrepot.engine.call import Backend
from entrepot.features.trade.synchronization import runs
from entrepot.features.trade.synchronization.full import limits
from entrepot.features.trade.synchronization.kinds import BY_WORD, ENTITY_SYNC, PRODUCT_SYNC, SyncKind
from entrepot.kernel.clock import parse_datetime, utc_now
from entrepot.kernel.errors import FullSyncRunningError, OrderSyncRangeError
from entrepot.storage.ready_pool import ReadyPool

TABLES = {ENTITY_SYNC: "entity_sync_configs", PRODUCT_SYNC: "product_sync_configs"}
IS_SET = """
SELECT EXISTS (
    SELECT 1 FROM {table} s JOIN delivery_configs d ON d.marketplace_id = $1 AND d."ID" = s."DeliveryConfigID"
    WHERE s.marketplace_id = $1 AND s.setting = $2 AND d."Enabled")
"""
UNDER_WAY = """
SELECT "ID" FROM sync_runs WHERE marketplace_id = $1 AND setting = $2 AND source = 'Full' AND ended_at IS NULL
"""
PROGRESS = 'SELECT status, done, total FROM sync_runs WHERE marketplace_id = $1 AND "ID" = $2'


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command is asked for."""

    kind: str
    catalog: str | None = None
    category: str | None = None
    start_date: str | None = None
    end_date: str | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """A run that is under way."""

    marketplace_id: int
    id: str
    kind: SyncKind


async def start_run(pool: asyncpg.Pool, marketplace: str, wanted: Wanted) -> Run:
    """Begin a run, or find the one of this kind that is under way. Raises UnknownNameError for what there is not."""
    kind = BY_WORD.get(wanted.kind.lower())
    if kind is None:
        raise UnknownNameError(f"{wanted.kind} is none of {', '.join(BY_WORD)}.")
    marketplace_id = await pool.fetchval(MARKETPLACE, marketplace)
    if marketplace_id is None:
        raise UnknownNameError(f"There is no marketplace {marketplace}.")
    table = TABLES.get(kind.integration, "order_sync_configs")
    if not await pool.fetchval(IS_SET.format(table=table), marketplace_id, kind.setting):
        raise UnknownNameError(f"{marketplace} synchronizes no {kind.word}.")
    try:
        run_id = await runs.start_full(pool, marketplace_id, kind, utc_now(), _limits(kind, wanted))
    except FullSyncRunningError:
        run_id = await pool.fetchval(UNDER_WAY, marketplace_id, kind.setting)
    return Run(marketplace_id, run_id, kind)


async def follow_run(pool: asyncpg.Pool, run: Run) -> AsyncIterator[str]:
    """How far the run is, again and again until it ends; each time what can be told is told."""
    backend = Backend(cast(ReadyPool, pool), None, utc_now, "")
    while True:
        await runs.advance_of(backend, run.marketplace_id)
        row = await pool.fetchrow(PROGRESS, run.marketplace_id, run.id)
        if row is None:
            return
        yield f"{row['status']}: {row['done']} of {row['total']} {run.kind.word}"
        if row["status"] != "Running":
            return


def _limits(kind: SyncKind, wanted: Wanted) -> dict[str, Any]:
    dates = {"StartDate": wanted.start_date, "EndDate": wanted.end_date}
    values: dict[str, Any] = {"CatalogID": wanted.catalog, "CategoryID": wanted.category}
    try:
        values |= {name: None if text is None else parse_datetime(text) for name, text in dates.items()}
    except ValueError as error:
        raise UnknownNameError(f"A date is not one: {error}") from error
    try:
        return limits(kind, values)
    except OrderSyncRangeError as error:
        raise UnknownNameError(error.message) from error

"""Expanding events: who wants to hear of what has happened, and what exactly is each of them told?"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from time import monotonic
from typing import Any

import asyncpg
import structlog
from asyncpg.exceptions import InterfaceError, PostgresConnectionError

from entrepot.engine.call import Backend, Call
from entrepot.engine.wire.json import load
from entrepot.features.people.deliveries.acting import acting_call
from entrepot.features.people.deliveries.courtesy import Courtesy
from entrepot.features.people.deliveries.events import Event, EventKind, Outbound, Portion
from entrepot.features.people.deliveries.leases import LEASE, renewed
from entrepot.features.people.deliveries.listening import listeners
from entrepot.features.people.deliveries.storing import Expanded, seal, store
from entrepot.features.people.deliveries.telling import place_of_confidential
from entrepot.features.people.services import Services
from entrepot.kernel.errors import BusyError
from entrepot.kernel.ids import new_id
from entrepot.storage.reach import LOST, DatabaseLostError

BATCH = 100
"""Events that are taken at once."""
AT_ONCE = 4
"""Of them expanded at once."""
TIME_LIMIT = 60.0
"""Seconds of one event."""
ENOUGH = 60.0
"""Seconds after which a batch begins no other event."""
MOST_OUTBOUND = 1_000
"""Deliveries of one event."""
MOST_BYTES = 8 * 2**20
"""Of bodies that are held before they are written."""
LONGEST_HELD = 0.5
"""Seconds for which a process that gives way to requests keeps deliveries that could be under way."""
LONGEST_FAILURE = 2_000
TRIES = 5
"""Of one store, while integrations get other IDs between what is expanded and what is written."""
BEHIND = 0.1
"""Seconds until the next look where all that is left is behind what another process expands, which tells nobody when it has."""

# Of an aggregate only what is not behind an event that another process expands.
TAKE = f"""
WITH mine AS (
    SELECT key, aggregate FROM outbox_events
    WHERE marketplace_id = $1 AND (leased_until IS NULL OR leased_until <= $2)
    ORDER BY key LIMIT {BATCH} FOR UPDATE SKIP LOCKED),
first AS (
    SELECT m.key FROM mine m WHERE NOT EXISTS (
        SELECT 1 FROM outbox_events e WHERE e.marketplace_id = $1 AND e.aggregate = m.aggregate AND e.key < m.key
            AND e.key NOT IN (SELECT key FROM mine)))
UPDATE outbox_events e SET lease = $3, leased_until = $4 FROM first
WHERE e.marketplace_id = $1 AND e.key = first.key
RETURNING e.key, e.kind, e.aggregate, e.facts, e.confidential, e.failure, e.request_id, e.told_at,
    (SELECT count(*) FROM mine) - (SELECT count(*) FROM first) AS behind
"""

HOLD_EPOCH = "SELECT epoch FROM security_epochs WHERE marketplace_id = $1 FOR SHARE"
"""Nobody gets another ID meanwhile (integrations/renaming.py)."""
LEFT = """
SELECT EXISTS (SELECT 1 FROM outbox_events WHERE marketplace_id = $1 AND (leased_until IS NULL OR leased_until <= $2))
"""
RENEW_LEASE = """
UPDATE outbox_events SET leased_until = $4 WHERE marketplace_id = $1 AND key = ANY($2::bigint[]) AND lease = $3
"""
GIVE_BACK = """
UPDATE outbox_events SET lease = NULL, leased_until = NULL WHERE marketplace_id = $1 AND lease = $2
"""

log = structlog.get_logger("entrepot.deliveries")


@dataclass(frozen=True, slots=True)
class Expander:
    """Expands the events of one process's calls."""

    backend: Backend
    courtesy: Courtesy = field(default_factory=Courtesy)

    async def expand(self, marketplace_id: int, stored: Callable[[], object] = lambda: None) -> bool:
        """Expand up to BATCH events of a marketplace, in their order; whether there may be more to expand. Events that cannot be expanded since
        the database is away stay and are due again after their lease. stored: called when there may be deliveries to make.
        """
        now, lease = self.backend.clock(), new_id()
        taken = await self.backend.pool.fetch(TAKE, marketplace_id, now, lease, now + LEASE)
        if not taken:
            left: bool = await self.backend.pool.fetchval(LEFT, marketplace_id, now)
            if left:
                await asyncio.sleep(BEHIND)
            return left
        rows = sorted(taken, key=lambda row: int(row["key"]))
        call = await acting_call(self.backend, marketplace_id)
        try:
            async with renewed(partial(self._renew, marketplace_id, lease, [row["key"] for row in rows])):
                left = await self._expand_all(call, lease, rows, stored)
        except BaseException:
            with suppress(*LOST, BusyError):
                await self.backend.pool.execute(GIVE_BACK, marketplace_id, lease)
            raise
        return left or len(rows) >= BATCH or rows[0]["behind"] > 0

    async def _renew(self, marketplace_id: int, lease: str, keys: Sequence[int]) -> None:
        until = self.backend.clock() + LEASE
        await self.backend.pool.execute(RENEW_LEASE, marketplace_id, keys, lease, until)

    async def _expand_all(
        self, call: Call, lease: str, rows: Sequence[asyncpg.Record], stored: Callable[[], object]
    ) -> bool:
        """As many as the time allows, and nothing of an aggregate behind an event of which a portion is left; the others are
        given back. Whether there are any.
        """
        held: list[Expanded] = []
        begun: set[str] = set()
        held_since = monotonic()
        until = held_since + ENOUGH
        for start in range(0, len(rows), AT_ONCE):
            await self.courtesy.turn(AT_ONCE)
            ready = [row for row in rows[start : start + AT_ONCE] if row["aggregate"] not in begun]
            for each in await self._in_order(call, ready):
                held.append(each)
                if each.rest is not None:
                    begun.add(each.event.aggregate)
            if sum(each.size for each in held) >= MOST_BYTES or monotonic() - held_since > LONGEST_HELD:
                call = await self._store(call, lease, rows, held)
                held, held_since = [], monotonic()
                stored()
            if monotonic() > until:
                break
        await self._store(call, lease, rows, held)
        left = bool(begun) or monotonic() > until
        if left:
            await self.backend.pool.execute(GIVE_BACK, call.marketplace_id, lease)
        return left

    async def _in_order(self, call: Call, rows: Sequence[asyncpg.Record]) -> list[Expanded]:
        """Those of one aggregate one after another, so that no later one tells what was before an earlier one does; of these none behind one
        of which a portion is left. Others beside them.
        """
        by_aggregate: dict[str, list[asyncpg.Record]] = defaultdict(list)
        for row in rows:
            by_aggregate[row["aggregate"]].append(row)

        async def expand(of_one: Sequence[asyncpg.Record]) -> list[Expanded]:
            made: list[Expanded] = []
            for row in of_one:
                made.append(await self._expanded(call, row))
                if made[-1].rest is not None:
                    break
            return made

        made = await asyncio.gather(*map(expand, by_aggregate.values()))
        return sorted((each for some in made for each in some), key=lambda each: each.event.key)

    async def _store(
        self, call: Call, lease: str, rows: Sequence[asyncpg.Record], expanded: list[Expanded]
    ) -> Call:
        """Write what was expanded by what held at the call's epoch; anew what names somebody who has another ID since. The call as of
        which it was written.
        """
        if not expanded:
            return call
        services: Services = self.backend.services
        marketplace_id = call.marketplace_id
        sealed = await seal(services.box, marketplace_id, expanded)
        for tried in range(1, TRIES + 1):
            async with self.backend.pool.unit(marketplace_id) as connection:
                epoch = await connection.fetchval(HOLD_EPOCH, marketplace_id)
                if (epoch or 0) == call.principal.epoch or tried == TRIES:
                    await store(connection, marketplace_id, lease, expanded, sealed, self.backend.clock())
                    break
            call = await acting_call(self.backend, marketplace_id)
            if await self._follow(call, rows, expanded):
                sealed = await seal(services.box, marketplace_id, expanded)
        return call

    async def _follow(self, call: Call, rows: Sequence[asyncpg.Record], expanded: list[Expanded]) -> bool:
        """Expand anew, in their places, the events of which a delivery names somebody who is not there by now, and what follows them;
        whether there were any.
        """
        found, by_key = await listeners(call), {row["key"]: row for row in rows}
        anew: set[str] = set()
        for place, each in enumerate(expanded):
            known = all(
                found.knows(one.integration, one.integration_id, one.config_id) for one in each.outbound
            )
            if not known or each.event.aggregate in anew:
                anew.add(each.event.aggregate)
                expanded[place] = await self._expanded(call, by_key[each.event.key])
        return bool(anew)

    async def _expanded(self, call: Call, row: asyncpg.Record) -> Expanded:
        services: Services = self.backend.services
        event = _event(row)
        if row["failure"] is not None:
            return Expanded(event, failure=row["failure"])
        kind: EventKind | None = services.events.get(event.kind)
        if kind is None:
            return Expanded(event, failure=f"Nobody knows how to expand {event.kind}.")
        try:
            told = replace(event, confidential=_confidential(services, call.marketplace_id, row))
            async with asyncio.timeout(TIME_LIMIT):
                made = await kind.expand(call, told)
        except (BusyError, DatabaseLostError, InterfaceError, PostgresConnectionError):
            raise
        except TimeoutError:
            return _failed(event, f"Expanding took more than {TIME_LIMIT:g} seconds.")
        except Exception as error:  # noqa: BLE001 (whatever it is, the others go on, and this one can be seen)
            return _failed(event, f"{type(error).__name__}: {error}")
        if isinstance(made, Portion):
            failure = None if made.failure is None else _storable(made.failure)
            return Expanded(event, made.outbound, failure, made.rest)
        return _bounded(event, made)


def _failed(event: Event, failure: str) -> Expanded:
    log.warning("event not expanded", kind=event.kind, aggregate=event.aggregate, error=failure)
    return Expanded(event, failure=_storable(failure))


def _storable(failure: str) -> str:
    return failure.replace("\0", "")[:LONGEST_FAILURE]


def _bounded(event: Event, outbound: Sequence[Outbound]) -> Expanded:
    if len(outbound) <= MOST_OUTBOUND:
        return Expanded(event, outbound)
    failure = f"{len(outbound)} deliveries, of which only {MOST_OUTBOUND} are made."
    log.warning("too many deliveries", kind=event.kind, aggregate=event.aggregate, count=len(outbound))
    return Expanded(event, outbound[:MOST_OUTBOUND], failure)


def _confidential(services: Services, marketplace_id: int, row: asyncpg.Record) -> Mapping[str, Any]:
    if row["confidential"] is None:
        return {}
    found: dict[str, Any] = load(
        services.box.open(row["confidential"], place_of_confidential(marketplace_id))
    )
    return found


def _event(row: asyncpg.Record) -> Event:
    """Without what is confidential."""
    return Event(
        key=row["key"],
        kind=row["kind"],
        aggregate=row["aggregate"],
        facts=load(row["facts"]),
        told_at=row["told_at"],
        log_id=row["request_id"],
    )

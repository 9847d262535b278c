"""Taking deliveries that are due, endpoint by endpoint; and what became of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

from entrepot.domain.deliveries.circuit import FAILURES, RESPITE, Circuit, following
from entrepot.domain.deliveries.retries import Result
from entrepot.domain.deliveries.status import Status
from entrepot.engine.wire.json import dump
from entrepot.features.people.deliveries.leases import LEASE
from entrepot.features.people.deliveries.storing import LOCK_ENDPOINTS
from entrepot.storage.ready_pool import ReadyPool

SMALL = 64 * 1024
"""Bytes of a sealed body that comes with the claim; a larger one is read when its turn has come."""
MOST_ENTRIES = 20
"""Attempts of which a delivery's log tells; the oldest go."""

CLAIM = f"""
WITH room AS (SELECT * FROM unnest($6::citext[], $7::int[], $10::int[]) AS r(endpoint, room, held)),
trial AS (
    UPDATE delivery_endpoints e SET open_until = $5
    WHERE e.marketplace_id = $1 AND e.paused_at IS NULL AND e.failures >= {FAILURES} AND e.open_until <= $2
        AND EXISTS (SELECT 1 FROM deliveries d WHERE d.marketplace_id = $1 AND d.endpoint = e.endpoint
            AND d.ended_at IS NULL AND d.due_at <= $2)
    RETURNING e.endpoint),
open AS (
    SELECT * FROM (
        SELECT endpoint, 1 AS room, 0 AS held FROM trial
        UNION ALL
        SELECT e.endpoint, coalesce(r.room, $8), coalesce(r.held, 0)
        FROM delivery_endpoints e LEFT JOIN room r ON r.endpoint = e.endpoint
        WHERE e.marketplace_id = $1 AND e.paused_at IS NULL AND e.failures < {FAILURES}
            AND (e.open_until IS NULL OR e.open_until <= $2) AND coalesce(r.room, $8) > 0) o
    ORDER BY held, random()),
due AS (
    SELECT d.key FROM open o CROSS JOIN LATERAL (
        SELECT t.key FROM deliveries t
        WHERE t.marketplace_id = $1 AND t.endpoint = o.endpoint AND t.ended_at IS NULL AND t.due_at <= $2
        ORDER BY t.due_at, t.key LIMIT o.room FOR UPDATE SKIP LOCKED) d
    LIMIT $9)
UPDATE deliveries d SET lease = $3, leased_until = $4, due_at = $4 FROM due
WHERE d.marketplace_id = $1 AND d.key = due.key
RETURNING d.key, d."ID", d.kind, d.integration, d.integration_id, d.target, d.config_id, d.endpoint, d.aggregate, d.type,
    d.status, d.attempts, d.log, d.request_id, CASE WHEN d.size <= {SMALL} THEN d.body END AS body
"""
"""$2 now, $3 lease and $4 its end, $5 when the next trial of an endpoint that is left alone may be, $6 and $7 the room that this
process has for endpoints, $8 that for others, $9 in all; $10 what it has of those endpoints: of whom it has the least comes first,
so that nobody's many deliveries leave no room for others.
"""
BODY = "SELECT body FROM deliveries WHERE marketplace_id = $1 AND key = $2"
ENDPOINT = "SELECT endpoint FROM deliveries WHERE marketplace_id = $1 AND key = $2"
NOTE = """
WITH told AS (
    SELECT * FROM unnest((SELECT $3::bigint[]), (SELECT $4::text[]), (SELECT $5::int[]), (SELECT $6::timestamptz[]),
                         (SELECT $7::timestamptz[]), (SELECT $8::text[]), (SELECT $9::text[]))
        AS t(key, status, attempts, due_at, ended_at, failure, log)),
noted AS (
    UPDATE deliveries d SET status = t.status, attempts = t.attempts, due_at = t.due_at, ended_at = t.ended_at,
        failure = t.failure, log = CAST(t.log AS json), lease = NULL, leased_until = NULL
    FROM told t WHERE d.marketplace_id = $1 AND d.key = t.key AND d.lease = $10
    RETURNING d.key, d.lane, d.ended_at),
freed AS (
    SELECT DISTINCT n.key FROM noted o CROSS JOIN LATERAL (
        SELECT b.key, b.due_at FROM deliveries b
        WHERE b.marketplace_id = $1 AND b.lane = o.lane AND b.ended_at IS NULL
            AND NOT (b.key = ANY(ARRAY(SELECT x.key FROM noted x WHERE x.ended_at IS NOT NULL)))
        ORDER BY b.key LIMIT 1) n
    WHERE o.ended_at IS NOT NULL AND n.due_at IS NULL),
next AS (
    UPDATE deliveries d SET due_at = $2 FROM freed f WHERE d.marketplace_id = $1 AND d.key = f.key)
SELECT key, ended_at IS NOT NULL AS ended FROM noted
"""
"""$2 is now, $10 the lease. What has ended lets the next one of its lane be due. Arrays as in storing.INSERT."""
CIRCUIT = """
UPDATE delivery_endpoints SET failures = $3, open_until = $4 WHERE marketplace_id = $1 AND endpoint = $2
"""
RENEW_LEASE = """
UPDATE deliveries SET due_at = $3, leased_until = $3
WHERE marketplace_id = $1 AND key = ANY($2::bigint[]) AND lease = $4 RETURNING key
"""
GIVE_BACK = """
UPDATE deliveries SET due_at = $3, lease = NULL, leased_until = NULL
WHERE marketplace_id = $1 AND key = ANY($2::bigint[]) AND lease = $4
"""
NEXT = """
SELECT min(greatest(d.due_at, e.open_until)) FROM delivery_endpoints e CROSS JOIN LATERAL (
    SELECT t.due_at FROM deliveries t
    WHERE t.marketplace_id = $1 AND t.endpoint = e.endpoint AND t.ended_at IS NULL AND t.due_at IS NOT NULL
    ORDER BY t.due_at LIMIT 1) d
WHERE e.marketplace_id = $1 AND e.paused_at IS NULL
"""
# Without a marketplace: by one row of each endpoint that has something to wait for.
ALL_NEXT = """
SELECT e.marketplace_id, min(greatest(d.due_at, e.open_until)) AS due_at FROM delivery_endpoints e CROSS JOIN LATERAL (
    SELECT t.due_at FROM deliveries t
    WHERE t.marketplace_id = e.marketplace_id AND t.endpoint = e.endpoint AND t.ended_at IS NULL AND t.due_at IS NOT NULL
    ORDER BY t.due_at LIMIT 1) d
WHERE e.paused_at IS NULL GROUP BY e.marketplace_id
"""
TOLD = "SELECT DISTINCT marketplace_id FROM outbox_events"


@dataclass(frozen=True, slots=True)
class Claim:
    """What a process may take of one marketplace. rooms: deliveries by endpoint, `usual` for others; `most` in all. held: what it has
    of those endpoints already.
    """

    now: datetime
    lease: str
    rooms: Mapping[str, int]
    held: Mapping[str, int]
    usual: int
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of an attempt. result: None where there was none, since nobody is there."""

    key: int
    endpoint: str
    status: Status
    attempts: int
    due_at: datetime | None
    failure: str | None
    log: Sequence[Mapping[str, Any]]
    result: Result | None

    @property
    def has_ended(self) -> bool:
        return self.due_at is None


async def claim(pool: ReadyPool, marketplace_id: int, wanted: Claim) -> list[asyncpg.Record]:
    """Deliveries that are this lease's now. One statement."""
    return await pool.fetch(
        CLAIM,
        marketplace_id,
        wanted.now,
        wanted.lease,
        wanted.now + LEASE,
        wanted.now + RESPITE,
        list(wanted.rooms),
        list(wanted.rooms.values()),
        wanted.usual,
        wanted.most,
        [wanted.held.get(endpoint, 0) for endpoint in wanted.rooms],
    )


async def note(
    connection: asyncpg.Connection,
    marketplace_id: int,
    lease: str,
    outcomes: Sequence[Outcome],
    now: datetime,
) -> set[int]:
    """Within one transaction: keep what became of deliveries, and what that says of their endpoints. The keys of those that have
    ended by it; what another process has taken over meanwhile is left as it is.
    """
    by_endpoint: dict[str, list[Result]] = defaultdict(list)
    for each in outcomes:
        results = by_endpoint[each.endpoint.lower()]
        if each.result is not None:
            results.append(each.result)
    endpoints = await connection.fetch(LOCK_ENDPOINTS, marketplace_id, list(by_endpoint))
    # Where nobody is there any more, nobody is to be spared: the others of the endpoint end at once, too.
    gone = {each.endpoint.lower() for each in outcomes if each.status is Status.CANCELLED}
    rows = [
        (
            each.key,
            each.status,
            each.attempts,
            each.due_at,
            now if each.has_ended else None,
            each.failure,
            dump(list(each.log[-MOST_ENTRIES:])),
        )
        for each in outcomes
    ]
    noted = await connection.fetch(NOTE, marketplace_id, now, *map(list, zip(*rows, strict=True)), lease)
    for row in endpoints:
        circuit, endpoint = Circuit(row["failures"], row["open_until"]), row["endpoint"].lower()
        new = Circuit() if endpoint in gone else following(circuit, by_endpoint[endpoint], now)
        if new != circuit:
            await connection.execute(CIRCUIT, marketplace_id, row["endpoint"], new.failures, new.open_until)
    return {row["key"] for row in noted if row["ended"]}

"""Writing what events have become: deliveries, in the order of their events, in place of these."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from time import perf_counter
from typing import Any

import asyncpg

from entrepot.domain.deliveries.status import Status
from entrepot.engine.wire.json import dump
from entrepot.features.people.credentials.secrets import SecretBox
from entrepot.features.people.deliveries.events import Event, Outbound
from entrepot.features.people.deliveries.places import MOST_BODY, endpoint_of, lane_of, place_of_body
from entrepot.kernel.ids import new_id

IN_ONE_PIECE = 0.005
"""Seconds after which others have their turn while bodies are sealed."""
ROWS = 200
"""Deliveries that one statement writes."""
UNEXPANDED = ""
"""The target, and the endpoint, of what could not be expanded."""

KNOW_ENDPOINTS = """
INSERT INTO delivery_endpoints (marketplace_id, endpoint)
SELECT $1, e FROM unnest($2::citext[]) AS e ON CONFLICT (marketplace_id, endpoint) DO NOTHING
"""
LOCK_ENDPOINTS = """
SELECT endpoint, failures, open_until FROM delivery_endpoints
WHERE marketplace_id = $1 AND endpoint = ANY($2::citext[]) ORDER BY endpoint FOR UPDATE
"""
"""Whoever adds to lanes, or ends something in them, holds their endpoints: of two, one sees what the other has done."""
END_EVENTS = """
DELETE FROM outbox_events WHERE marketplace_id = $1 AND key = ANY($2::bigint[]) AND lease = $3
RETURNING key, facts, confidential
"""
KEEP_EVENT = """
UPDATE outbox_events SET facts = $4, lease = NULL, leased_until = NULL
WHERE marketplace_id = $1 AND key = $2 AND lease = $3 RETURNING key
"""
INSERT = """
INSERT INTO deliveries (marketplace_id, "ID", kind, integration, integration_id, target, config_id, endpoint, lane, aggregate,
    type, body, size, status, failure, due_at, ended_at, facts, confidential, log, request_id, told_at, created_at)
SELECT $1, v.id, v.kind, v.integration, v.integration_id, v.target, v.config_id, v.endpoint, v.lane, v.aggregate, v.type, v.body,
    v.size, v.status, v.failure,
    CASE WHEN v.first AND v.failure IS NULL AND NOT EXISTS (
        SELECT 1 FROM deliveries b WHERE b.marketplace_id = $1 AND b.lane = v.lane AND b.ended_at IS NULL) THEN $2::timestamptz END,
    CASE WHEN v.failure IS NOT NULL THEN $2::timestamptz END,
    v.facts::json, v.confidential, '[]', v.request_id, v.told_at, $2::timestamptz
FROM unnest((SELECT $3::text[]), (SELECT $4::text[]), (SELECT $5::text[]), (SELECT $6::citext[]), (SELECT $7::text[]),
            (SELECT $8::citext[]), (SELECT $9::citext[]), (SELECT $10::bytea[]), (SELECT $11::text[]), (SELECT $12::text[]),
            (SELECT $13::bytea[]), (SELECT $14::int[]), (SELECT $15::text[]), (SELECT $16::text[]), (SELECT $17::boolean[]),
            (SELECT $18::text[]), (SELECT $19::bytea[]), (SELECT $20::text[]), (SELECT $21::timestamptz[]))
    WITH ORDINALITY AS v(id, kind, integration, integration_id, target, config_id, endpoint, lane, aggregate, type, body, size,
        status, failure, first, facts, confidential, request_id, told_at, place)
ORDER BY v.place
"""
"""$2 is now. Of a lane the first one is due, unless others are on their way. Arrays behind SELECTs: the planner, which would look at their
lengths, plans the statement once.
"""


@dataclass(slots=True)
class Expanded:
    """What an event has become; `failure` says why it, or a part of it, could not be expanded. rest: its facts from now on,
    where a portion of it is left.
    """

    event: Event
    outbound: Sequence[Outbound] = ()
    failure: str | None = None
    rest: Mapping[str, Any] | None = None
    size: int = field(init=False)

    def __post_init__(self) -> None:
        self.size = sum(len(each.body) for each in self.outbound)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A delivery to be, ready to be written: its ID, its lane, and its body where that is not too large."""

    outbound: Outbound
    id: str
    lane: bytes
    body: bytes | None


async def seal(box: SecretBox, marketplace_id: int, expanded: Sequence[Expanded]) -> list[list[Sealed]]:
    """The deliveries of each event, before a transaction begins: it may take long, and others have their turn meanwhile."""
    ready: list[list[Sealed]] = []
    since = perf_counter()
    for each in expanded:
        ready.append([])
        for outbound in each.outbound:
            delivery_id = new_id()
            place = place_of_body(marketplace_id, delivery_id)
            body = box.seal(outbound.body, place) if _fits(outbound) else None
            ready[-1].append(Sealed(outbound=outbound, id=delivery_id, lane=lane_of(outbound), body=body))
            if perf_counter() - since > IN_ONE_PIECE:
                await asyncio.sleep(0)
                since = perf_counter()
    return ready


async def store(
    connection: asyncpg.Connection,
    marketplace_id: int,
    lease: str,
    expanded: Sequence[Expanded],
    sealed: Sequence[Sequence[Sealed]],
    now: datetime,
) -> int:
    """Within one transaction: those events whose lease this still is go, unless something of them is left, and their deliveries
    come. How many of these. sealed: as `seal` made it of the same.
    """
    named = (endpoint_of(each) for one in expanded for each in one.outbound if _fits(each))
    endpoints = list({endpoint.lower(): endpoint for endpoint in named}.values())
    if endpoints:
        locked = await connection.fetch(LOCK_ENDPOINTS, marketplace_id, endpoints)
        if len(locked) < len(endpoints):
            await connection.execute(KNOW_ENDPOINTS, marketplace_id, endpoints)
            await connection.fetch(LOCK_ENDPOINTS, marketplace_id, endpoints)
    keys = [each.event.key for each in expanded if each.rest is None]
    ended = {row["key"]: row for row in await connection.fetch(END_EVENTS, marketplace_id, keys, lease)}
    for each in expanded:
        if each.rest is not None:
            row = await connection.fetchrow(
                KEEP_EVENT, marketplace_id, each.event.key, lease, dump(dict(each.rest))
            )
            ended |= {} if row is None else {row["key"]: row}
    rows: list[tuple[Any, ...]] = []
    lanes: set[bytes] = set()
    for each, ready in zip(expanded, sealed, strict=True):
        if each.event.key in ended:
            rows += (_row(each.event, one, lanes) for one in ready)
            if each.failure is not None:
                rows.append(_unexpanded(each, ended[each.event.key]))
    for start in range(0, len(rows), ROWS):
        some = map(list, zip(*rows[start : start + ROWS], strict=True))
        await connection.execute(INSERT, marketplace_id, now, *some)
    return len(rows)


def _fits(outbound: Outbound) -> bool:
    return len(outbound.body) <= MOST_BODY


def _row(event: Event, sealed: Sealed, lanes: set[bytes]) -> tuple[Any, ...]:
    outbound, size, lane = sealed.outbound, len(sealed.outbound.body), sealed.lane
    failure = None if sealed.body is not None else f"The body has {size} bytes, more than {MOST_BODY}."
    first = lane not in lanes
    if failure is None:
        lanes.add(lane)
    return (
        sealed.id,
        event.kind,
        outbound.integration,
        outbound.integration_id,
        outbound.target,
        outbound.config_id,
        endpoint_of(outbound),
        lane,
        outbound.aggregate,
        outbound.type,
        sealed.body,
        size,
        Status.QUEUED if failure is None else Status.FAILED,
        failure,
        first,
        None,
        None,
        event.log_id,
        event.told_at,
    )


def _unexpanded(expanded: Expanded, ended: asyncpg.Record) -> tuple[Any, ...]:
    """A delivery to nobody, which keeps the event, so that it can be told anew."""
    event = expanded.event
    whole = not expanded.outbound
    return (
        new_id(),
        event.kind,
        event.kind,
        "",
        UNEXPANDED,
        None,
        UNEXPANDED,
        b"",
        event.aggregate,
        None,
        None,
        0,
        Status.FAILED,
        expanded.failure,
        False,
        ended["facts"] if whole else None,
        ended["confidential"] if whole else None,
        event.log_id,
        event.told_at,
    )

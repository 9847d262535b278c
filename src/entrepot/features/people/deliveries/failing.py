"""Telling the error configuration of deliveries that have failed for good (ERR-1, ERR-2)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import asyncpg
import structlog

from entrepot.domain.deliveries import errors
from entrepot.engine.call import Call
from entrepot.engine.wire.json import load
from entrepot.features.people.deliveries.events import Event, EventKind, Outbound
from entrepot.features.people.deliveries.fanning import fan_out
from entrepot.features.people.deliveries.listening import listeners
from entrepot.features.people.deliveries.places import place_of_body
from entrepot.features.people.outgoing.answers import cut_tokens
from entrepot.features.people.services import services

NAME = "DeliveryFailed"
INTEGRATION = "ErrorConfig"
LARGEST_ORIGINAL = 256 * 1024
"""Bytes of the message itself that go along."""
TELL = """
INSERT INTO outbox_events (marketplace_id, kind, aggregate, facts, request_id, told_at)
SELECT d.marketplace_id, $3, d.aggregate, json_build_object('delivery', d."ID"), d.request_id, $4
FROM deliveries d
WHERE d.marketplace_id = $1 AND d.key = ANY($2::bigint[]) AND d.status = 'Failed' AND d.integration <> $5
ORDER BY d.key
"""
DELIVERY = """
SELECT "ID", integration, integration_id, target, config_id, aggregate, attempts, failure, log, body, request_id, ended_at
FROM deliveries WHERE marketplace_id = $1 AND "ID" = $2
"""

log = structlog.get_logger("entrepot.deliveries")


async def tell_failures(
    call: Call, connection: asyncpg.Connection, keys: Iterable[int], now: datetime
) -> None:
    """Within the unit that has ended them: of these deliveries those that failed, where an error configuration listens. Its own
    failures are only logged.
    """
    ended = list(keys)
    if ended and (await listeners(call)).error_config is not None:
        await connection.execute(TELL, call.marketplace_id, ended, NAME, now, INTEGRATION)


async def _expand(call: Call, event: Event) -> Sequence[Outbound]:
    config_id = (await listeners(call)).error_config
    row = await call.db.fetchrow(DELIVERY, call.marketplace_id, event.facts["delivery"])
    if config_id is None or row is None:
        return ()
    entries = load(row["log"])
    failure = errors.Failure(
        source=row["integration"],
        source_id=row["integration_id"],
        delivery_config_id=row["config_id"],
        log_id=row["request_id"],
        target=row["target"],
        status=entries[-1]["Status"] if entries else None,
        error=row["failure"] or "",
        attempts=row["attempts"],
        date=row["ended_at"] or event.told_at,
        original=_original(call, row),
    )
    return await fan_out(
        call,
        config_id,
        integration=INTEGRATION,
        message_type=errors.TYPE,
        payload=errors.payload(failure),
        aggregate=event.aggregate,
    )


def _original(call: Call, row: asyncpg.Record) -> Any:
    """The message itself without tokens: JSON, else text; None where it is too large or there is none."""
    if row["body"] is None or len(row["body"]) > LARGEST_ORIGINAL:
        return None
    body = services(call).box.open(row["body"], place_of_body(call.marketplace_id, row["ID"]))
    text = cut_tokens(body.decode("utf-8", "replace"))
    try:
        return load(text)
    except ValueError:
        return text


FAILED = EventKind(name=NAME, expand=_expand)

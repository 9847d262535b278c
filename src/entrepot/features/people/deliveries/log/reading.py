"""One delivery, with what was sent and what was answered; nothing that is secret in either."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

import asyncpg

from entrepot.declare.operation import Operation, Reply, Returns, operation
from entrepot.domain.deliveries.masking import mask
from entrepot.engine.call import Call
from entrepot.engine.rows import renderer
from entrepot.engine.standing import READ_EPOCH
from entrepot.engine.wire.json import load
from entrepot.features.people.credentials.secrets import SecretBox
from entrepot.features.people.deliveries.log.access import COMMON, sees
from entrepot.features.people.deliveries.log.listing import PATH, TAG
from entrepot.features.people.deliveries.log.models import Delivery, DeliveryDetail
from entrepot.features.people.deliveries.places import place_of_body
from entrepot.features.people.services import services
from entrepot.kernel.clock import format_datetime
from entrepot.kernel.errors import NotFoundError
from entrepot.kernel.sql import Sql

ITEM = f"{PATH}/{{deliveryID}}"
MOST_SHOWN = 64 * 1024
"""Characters of a body that are shown."""
READ = Sql(f"""
SELECT ({READ_EPOCH}) AS epoch, d."ID", d.kind AS "Event", d.integration AS "Integration", d.integration_id AS "IntegrationID",
    d.target AS "Target", d.config_id AS "DeliveryConfigID", replace(d.endpoint::text, '/', '.') AS "TargetID",
    d.aggregate AS "Aggregate", d.type AS "Type", d.status AS "Status", d.attempts AS "Attempts", d.size AS "Size",
    d.request_id AS "LogID", d.told_at AS "DateHappened", d.created_at AS "DateCreated", d.due_at AS "DateDue",
    d.ended_at AS "DateEnded", d.body, d.facts, d.failure, d.log
FROM (SELECT 1) one LEFT JOIN deliveries d ON d.marketplace_id = :marketplace_id AND d."ID" = :delivery
""").bound("marketplace_id", "delivery")


@operation(
    "Deliveries.Get",
    "GET",
    ITEM,
    **COMMON,
    tag=TAG,
    summary="Get one delivery with its attempts",
    returns=Returns(DeliveryDetail),
    errors=(NotFoundError,),
    confirms=True,
    table="deliveries",
)
async def get_delivery(call: Call) -> Reply:
    """One statement. Of what could not be expanded the event's facts are shown in place of a body."""
    delivery_id = call.path["deliveryID"]
    row = await call.db.fetchrow(READ, call.marketplace_id, delivery_id)
    call.confirm(row["epoch"] if row else None)
    if row is None or row["ID"] is None or not sees(call, row["Integration"]):
        raise NotFoundError("Delivery", delivery_id)
    # Seconds of work at worst, if somebody sends such answers: beside the loop.
    said = await asyncio.to_thread(_said, services(call).box, call.marketplace_id, row)
    return Reply(renderer(Delivery).render(row) | said)


def _said(box: SecretBox, marketplace_id: int, row: asyncpg.Record) -> dict[str, Any]:
    text = row["facts"]
    if row["body"] is not None:
        body = box.open(row["body"], place_of_body(marketplace_id, row["ID"]))
        text = body[: 4 * MOST_SHOWN].decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")
        is_cut = len(body) > 4 * MOST_SHOWN or len(text) > MOST_SHOWN
    else:
        is_cut = text is not None and len(text) > MOST_SHOWN
    return {
        "Failure": _masked(row["failure"]),
        "Request": {"Body": None if text is None else mask(text[:MOST_SHOWN]), "IsCut": is_cut},
        "Log": [_attempt(entry) for entry in load(row["log"])],
    }


def _attempt(entry: dict[str, Any]) -> dict[str, Any]:
    at = entry.get("At")
    return {
        "Date": format_datetime(datetime.fromisoformat(at)) if at else None,
        "Milliseconds": entry.get("Milliseconds") or 0,
        "HttpStatusCode": entry.get("Status"),
        "Failure": _masked(entry.get("Failure")),
        "Answer": _masked(entry.get("Answer")),
        "ReplayedBy": _who(entry.get("Replayed")),
        "CancelledBy": _who(entry.get("Cancelled")),
    }


def _who(value: Any) -> str | None:
    """Somebody without a name is "", nobody None."""
    return value if isinstance(value, str) else ("" if value else None)


def _masked(text: str | None) -> str | None:
    return None if text is None else mask(text)


OPERATIONS: tuple[Operation, ...] = (get_delivery,)

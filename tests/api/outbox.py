"""The messages that a marketplace has told of, as they are expanded into deliveries."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from tests.api.dispatching import opened, own_call
from tests.api.marketplace import Api

from entrepot.domain.messages.declared import Subject
from entrepot.engine.wire.json import load
from entrepot.features.people.deliveries.events import Event
from entrepot.features.people.deliveries.telling import place_of_confidential

TAKE = """
DELETE FROM outbox_events WHERE marketplace_id = $1 AND kind = ANY($2::text[])
RETURNING key, kind, aggregate, facts, confidential, request_id, told_at
"""


@dataclass(frozen=True)
class Sent:
    """One delivery of a message to one recipient. recipient: its address. sender: "" of a mail. whole: what a sender gets, and
    the headers of the envelope that it is in.
    """

    message_type: str
    recipient: str
    aggregate: str
    body: Any
    sender: str
    target: str
    whole: Any
    envelope: Any


async def messages(api: Api, message_type: str | None = None, *, mail: Any = None) -> list[Sent]:
    """Those of a type, or all, in the order in which they were told; `taken` takes them away. mail: what Services.mail is."""
    api.sent += await _expanded(api, mail)
    return [each for each in api.sent if message_type in (None, each.message_type)]


async def taken(api: Api, *, mail: Any = None) -> list[Sent]:
    """All since the last time."""
    found = await messages(api, mail=mail)
    api.sent = []
    return found


async def told(api: Api) -> list[tuple[str, str]]:
    """Type and recipient of those since the last time; of an address what stands before the @."""
    return [(each.message_type, each.recipient.partition("@")[0]) for each in await taken(api)]


async def _expanded(api: Api, mail: Any) -> list[Sent]:
    rows = await api.rows(TAKE, [subject.value for subject in Subject])
    if not rows:
        return []
    found = []
    async with opened(api) as backend:
        backend = replace(backend, services=replace(backend.services, mail=mail))
        call = await own_call(api, backend)
        place = place_of_confidential(api.marketplace_id)
        for row in sorted(rows, key=lambda row: int(row["key"])):
            sealed = row["confidential"]
            event = Event(
                key=row["key"],
                kind=row["kind"],
                aggregate=row["aggregate"],
                facts=load(row["facts"]),
                confidential={} if sealed is None else load(backend.services.box.open(sealed, place)),
                told_at=row["told_at"],
                log_id=row["request_id"],
            )
            made = await backend.services.events[row["kind"]].expand(call, event)
            assert made.rest is None, "more than one portion"
            for outbound in made.outbound:
                body = json.loads(outbound.body)
                message = body.get("Payload", body)
                found.append(
                    Sent(
                        message["MessageType"],
                        message["Recipient"]["Email"],
                        outbound.aggregate,
                        message["EventBody"],
                        outbound.integration_id,
                        outbound.target,
                        message,
                        body.get("Headers"),
                    )
                )
    return found

"""Telling of messages in the unit that causes them: one event, whatever the number of types and people (MS-3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from entrepot.domain.messages.audiences import Audience, Told
from entrepot.domain.messages.declared import Subject
from entrepot.domain.messages.types import MessageType
from entrepot.engine.call import Call
from entrepot.features.people.deliveries.events import Event
from entrepot.features.people.deliveries.telling import tell

Values = dict[str, Any]
MESSAGES, CLIENT = "messages", "client"


async def tell_messages(
    call: Call,
    marketplace_id: int,
    subject: Subject,
    aggregate: str,
    facts: Mapping[str, Any],
    messages: Sequence[Told] = (),
    *,
    client_id: str = "",
    confidential: Mapping[str, Any] | None = None,
) -> None:
    """Tell of messages about a subject, whose builder knows the facts. One statement.

    client_id: of the client of whose users' tokens are, where it admits them. confidential: as `tell` takes it.
    """
    listed = [{"type": each.type, **asdict(each.to)} for each in messages]
    said = {MESSAGES: listed, CLIENT: client_id, **facts}
    await tell(call, marketplace_id, subject, aggregate, said, confidential=confidential)


def told(event: Event) -> Iterator[Told]:
    """The types and audiences that an event was told with."""
    for each in event.facts[MESSAGES]:
        audience = Audience(tuple(each["users"]), tuple(each["groups"]), each["but"])
        yield Told(MessageType(each["type"]), audience)


def client_of(event: Event) -> str:
    """The client through which an event came; "" for none."""
    return str(event.facts.get(CLIENT) or "")


def about_user(user_key: int) -> str:
    """The aggregate of messages that concern one user."""
    return f"user/{user_key}"

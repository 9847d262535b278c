"""What an event of messages comes to: letters, each with its type, to whom it goes and what it says."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from msgspec import Raw

from entrepot.domain.messages.audiences import Audience
from entrepot.domain.messages.types import MessageType
from entrepot.engine.call import Call
from entrepot.engine.wire.json import encode
from entrepot.features.people.deliveries.places import MOST_BODY
from entrepot.features.people.messages.recipients import Recipient

Values = dict[str, Any]
EventBody = Callable[[Call, Recipient], Awaitable[Raw]]
"""The JSON text of what is said to one recipient."""


class GoneError(Exception):
    """What a message is about is there no more: nothing can be said of it."""

    def __init__(self, what: str, key: object) -> None:
        super().__init__(f"The {what} {key} is gone.")


def said(body: Values) -> Raw:
    """The JSON text of an EventBody, written once for however many. Raises ValueError for one that no delivery can take."""
    text = encode(body)
    if len(text) > MOST_BODY:
        raise ValueError(f"The message has {len(text)} bytes, more than {MOST_BODY}.")
    return Raw(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message of one type to all of an audience.

    says: makes the EventBody for one of them. known_as: properties of the recipient that are others in what it is about, as
    the name and the address that a guest's order has (ORD-20).
    """

    type: MessageType
    to: Audience
    says: EventBody
    known_as: Mapping[str, Any] = field(default_factory=dict)


def saying(body: Values) -> EventBody:
    """The same body for everybody. Raises ValueError for one that no delivery can take."""
    text = said(body)

    async def says(_call: Call, _recipient: Recipient) -> Raw:
        return text

    return says

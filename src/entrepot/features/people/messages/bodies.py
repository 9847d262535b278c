"""What goes to a sender: who is written to, of what, and a token (MS-5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Raw

from entrepot.domain.messages.types import MessageType
from entrepot.engine.call import Call
from entrepot.features.people.messages.recipients import Recipient
from entrepot.features.people.services import services

Values = dict[str, Any]


def message_body(
    call: Call,
    message_type: MessageType,
    recipient: Recipient,
    event_body: Raw,
    *,
    log_id: str,
    known_as: Mapping[str, Any],
    token: str | None = None,
    copies: Sequence[str] = (),
    config: Any = None,
) -> Values:
    """The body in the vendor's order of properties. CCList is an array, as its .NET models demand it.

    log_id: of the request that caused it. known_as: what stands in the recipient's place. config: the sender's xp.
    """
    return {
        "OcLogIdHeader": log_id,
        "Environment": services(call).environment,
        "BuyerID": recipient.buyer_id,
        "UserToken": token,
        "Recipient": {**recipient.wire, **known_as},
        "CCList": list(copies),
        "MessageType": message_type,
        "ConfigData": config,
        "EventBody": event_body,
    }

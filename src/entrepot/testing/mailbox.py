"""Messages to people that a marketplace would have sent (docs/guide/mail.md)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from entrepot.testing.answers import WITHIN, answered, awaited, every_item

PATH = "/entrepot/v1/mailbox"


@dataclass(frozen=True, slots=True)
class Message:
    """A message. type: as `OrderSubmitted`; text, html: what a mail would have said; event: what a message sender would have got,
    codes and links included.
    """

    id: str
    type: str
    recipient: str
    username: str
    subject: str
    created: datetime
    text: str
    html: str
    event: dict[str, Any]


class Mailbox:
    """The messages of a marketplace, as long as neither a message sender nor a mail server takes them."""

    def __init__(self, api: httpx.Client) -> None:
        self._api = api
        self._told: set[str] = set()

    def messages(self, message_type: str | None = None, *, to: str | None = None) -> list[Message]:
        """All of a type and to an address that are there now, the oldest first."""
        return [self._read(entry["ID"]) for entry in self._entries(message_type, to)]

    def wait(
        self, message_type: str | None = None, *, to: str | None = None, within: float = WITHIN
    ) -> Message:
        """The oldest of a type and to an address that no earlier call has answered. Raises AssertionError where none comes within so
        many seconds.
        """

        def look() -> Message | None:
            for entry in self._entries(message_type, to):
                if entry["ID"] not in self._told:
                    self._told.add(entry["ID"])
                    return self._read(entry["ID"])
            return None

        def missing() -> str:
            there = [f"{entry['MessageType']} to {entry['Recipient']}" for entry in self._entries(None, None)]
            return (
                f"No message {message_type or ''} to {to or 'anybody'} within {within} s. There are: {there}"
            )

        return awaited(look, within, missing)

    def _entries(self, message_type: str | None, to: str | None) -> list[dict[str, Any]]:
        return [
            entry
            for entry in every_item(self._api, PATH, sortBy="DateCreated")
            if message_type in {None, entry["MessageType"]} and to in {None, entry["Recipient"]}
        ]

    def _read(self, message_id: str) -> Message:
        found = answered(self._api.get(f"{PATH}/{message_id}"))
        return Message(
            found["ID"], found["MessageType"], found["Recipient"], found["Username"], found["Subject"],
            datetime.fromisoformat(found["DateCreated"]), found["Text"], found["Html"], found["EventBody"],
        )  # fmt: skip

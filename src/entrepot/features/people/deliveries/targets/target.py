"""What delivers to one kind of target. Each kind has a module of its own beside this one and a line in table.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from entrepot.engine.call import Call
from entrepot.features.people.outgoing.answers import Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """One attempt of one delivery."""

    call: Call = field(repr=False)
    """The server's own in the delivery's marketplace, outside of any transaction; `services(call).outgoing` calls abroad."""
    marketplace_id: int
    marketplace: str
    """Its wire ID."""
    delivery_id: str
    """The same in each attempt."""
    integration: str
    integration_id: str
    config: Mapping[str, Any] = field(repr=False)
    """The target's settings, secrets in clear, as they are at this moment. Of URL: Endpoint, Secret, CustomAuthHeaderName,
    CustomAuthHeaderValue. {} of targets of our own."""
    type: str | None
    aggregate: str
    body: bytes = field(repr=False)
    """As it was built once. To the targets of a delivery configuration it is the envelope (DC-3), `as_envelope`."""
    attempt: int
    """1 for the first one."""


class Target(Protocol):
    """One per dispatcher, opened when it is needed first."""

    async def deliver(self, sending: Sending) -> Answer:
        """One attempt; it has ended after DELIVERY_LIMIT seconds, else it is cancelled and counts as one without an answer.

        Whatever the other side does comes back as an answer: succeeded, or not, then with `lasting` where another attempt
        cannot help (an unknown topic, credentials that are refused) and a status where there is one. What is raised
        counts as a failure that may pass.
        """

    async def close(self) -> None:
        """Give back what it holds open."""


DELIVERY_LIMIT = 30.0
"""Seconds of one attempt."""

"""What the targets have in common that translate a message into the interface of a known service (DC-1)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from entrepot.domain.integrations.headers import DELIVERY
from entrepot.engine.content import OFF_LOOP
from entrepot.engine.wire.json import encode
from entrepot.features.people.deliveries.targets.envelopes import UnreadableError
from entrepot.features.people.deliveries.targets.outcomes import PASSING, refused
from entrepot.features.people.deliveries.targets.target import Sending
from entrepot.features.people.integrations.signing import JSON
from entrepot.features.people.outgoing.answers import Answer
from entrepot.features.people.services import services


class ServiceTarget:
    """Tells a service in its own words; a subclass says which in `tell`."""

    async def deliver(self, sending: Sending) -> Answer:
        try:
            return await self.tell(sending)
        except UnreadableError:
            return refused("The message cannot be read.")

    async def tell(self, sending: Sending) -> Answer:
        """One attempt, as `deliver`. Raises UnreadableError."""
        raise NotImplementedError

    async def close(self) -> None:
        """Nothing is held open."""


async def called(
    sending: Sending,
    method: str,
    url: str,
    value: Any = None,
    *,
    headers: Iterable[tuple[str, str]] = (),
    secrets: Iterable[str | None] = (),
) -> Answer:
    """A call with the JSON of `value`, or without a body."""
    body = b"" if value is None else await _encoded(value, large=len(sending.body) > OFF_LOOP)
    sent = [*headers, (DELIVERY, sending.delivery_id)]
    if value is not None:
        sent.append(("Content-Type", JSON))
    answer = await services(sending.call).outgoing.call(
        sending.marketplace_id, method, url, body, sent, secrets=[each for each in secrets if each]
    )
    return _judged(answer)


async def _encoded(value: Any, *, large: bool) -> bytes:
    try:
        return await asyncio.to_thread(encode, value) if large else encode(value)
    except (RecursionError, TypeError, ValueError) as error:
        raise UnreadableError from error


def _judged(answer: Answer) -> Answer:
    """A client error says that the same call fails again, but for some."""
    if answer.status is None or answer.succeeded or answer.status in PASSING:
        return answer
    lasting = answer.status < 500
    return Answer(answer.status, answer.content, answer.failure, answer.headers, lasting)


def segment(value: Any) -> str:
    """A segment of a path."""
    return quote(str(value), safe="")


def base(endpoint: Any) -> str:
    """A URL to which paths are added."""
    return str(endpoint).strip().rstrip("/")

"""What requests about forgotten credentials have in common: nobody who asks has a token.

Whether anybody matches shows neither in the answer nor, in ordinary circumstances, in the time that it takes: an
answer does not come before FLOOR has passed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from entrepot.declare.wire import Wire
from entrepot.domain.messages.audiences import Audience, Told
from entrepot.domain.messages.declared import Subject
from entrepot.domain.messages.types import MessageType
from entrepot.engine.attempts import Of
from entrepot.engine.call import Call, Database
from entrepot.engine.units import unit_of
from entrepot.engine.wire.models import validate
from entrepot.features.people.forgotten.recipients import PublicClient, Recipient
from entrepot.features.people.messages.telling import about_user, tell_messages
from entrepot.features.people.services import services
from entrepot.kernel.errors import ApiError, ValidationError

TAG = "Forgotten Credentials"
FLOOR = 0.1
"""Seconds; a few messages are written in a fraction of it."""


def read_body(call: Call, model: type[Wire], missing: Mapping[str, type[ApiError]]) -> dict[str, Any]:
    """The values of the body; properties of `missing` have refusals of their own."""
    try:
        return validate(model, call.body, partial=False)
    except ValidationError as error:
        bad = {entry.data["Property"] for entry in error.properties}
        for name, refusal in missing.items():
            if name in bad:
                raise refusal from None
        raise


@asynccontextmanager
async def unhurried() -> AsyncIterator[None]:
    """Whatever happens inside, it does not end before FLOOR has passed."""
    loop = asyncio.get_running_loop()
    end = loop.time() + FLOOR
    yield
    await asyncio.sleep(max(0.0, end - loop.time()))


def may_write_to(call: Call, client: PublicClient, recipient: Recipient) -> bool:
    """Whether the recipient has not had too many messages lately. If so nobody is told: the answer stays the same."""
    return services(call).attempts.may((Of.MESSAGES, (client.marketplace_id, recipient.key)))


@asynccontextmanager
async def unit_within(call: Call, marketplace_id: int) -> AsyncIterator[Database]:
    """One transaction in the marketplace of the client that was named, as the call's own until the block ends: what is told
    goes with it.
    """
    async with unit_of(call, marketplace_id) as connection:
        call.connection = connection
        try:
            yield connection
        finally:
            call.connection = None


async def tell_of(
    call: Call,
    client: PublicClient,
    recipient: Recipient,
    message_type: MessageType,
    confidential: Mapping[str, Any] | None = None,
    **facts: Any,
) -> None:
    """A message to one user; facts and what is confidential as its body takes them (messages/accounts.py)."""
    await tell_messages(
        call,
        client.marketplace_id,
        Subject.ACCOUNT,
        about_user(recipient.key),
        facts,
        [Told(message_type, Audience((recipient.key,)))],
        client_id=client.id,
        confidential=confidential,
    )

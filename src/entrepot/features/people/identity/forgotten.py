"""What requests about forgotten credentials have in common: nobody who asks has a token.

Whether anybody matches shows neither in the answer nor, in ordinary circumstances, in the time that it takes: an
answer does not come before FLOOR has passed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from entrepot.declare.wire import Wire
from entrepot.engine.attempts import Of
from entrepot.engine.call import Call, Database
from entrepot.engine.wire.models import validate
from entrepot.features.people.identity.recipients import PublicClient, Recipient
from entrepot.features.people.messages.sending import about_user, send
from entrepot.features.people.services import services
from entrepot.kernel.errors import ApiError, ValidationError

TAG = "Forgotten Credentials"
FLOOR = 0.1
"""Seconds; a few messages are written in a fraction of it."""

CODE_LIFETIME = timedelta(minutes=120)
"""How long a verification code lives (AUTH-65)."""

STORE_CODE = """
INSERT INTO user_codes (marketplace_id, user_key, kind, "ApiClientID", code_hash, expires_at)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (marketplace_id, user_key, kind, "ApiClientID")
DO UPDATE SET code_hash = excluded.code_hash, expires_at = excluded.expires_at
"""


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


async def store_code(
    connection: Database,
    client: PublicClient,
    recipient: Recipient,
    kind: str,
    digest: bytes,
    expires: datetime,
) -> None:
    """Only the digest; it replaces an earlier one of the kind (AUTH-65)."""
    await connection.execute(
        STORE_CODE, client.marketplace_id, recipient.key, kind, client.id, digest, expires
    )


async def send_to(
    connection: Database,
    client: PublicClient,
    recipient: Recipient,
    message_type: str,
    body: Mapping[str, Any],
) -> None:
    await send(
        connection, client.marketplace_id, message_type, about_user(recipient.key), recipient.email, body
    )

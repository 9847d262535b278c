"""Messages to people: rows of the outbox, written with what causes them.

Whoever delivers them (message senders, later) reads the rows; until then `serve` shows them in its log.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from entrepot.engine.call import Call, Database
from entrepot.engine.wire.json import dump
from entrepot.kernel.ids import new_id

INSERT_MESSAGE = """
INSERT INTO outbox_messages (marketplace_id, delivery_id, message_type, aggregate, recipient, body, created_at)
VALUES ($1, $2, $3, $4, $5, $6, now())
"""


async def send(
    through: Call | Database,
    marketplace_id: int,
    message_type: str,
    aggregate: str,
    recipient: str | None,
    body: Mapping[str, Any],
) -> None:
    """Write one message; in a unit that is a transaction it stands or falls with that.

    message_type: the wire's name, `ForgottenPassword`. aggregate: what deliveries are ordered by, `user/12`.
    recipient: an e-mail address. body: the event body's properties, JSON values (INT, AUTH-64).
    """
    db = through.db if isinstance(through, Call) else through
    await db.execute(
        INSERT_MESSAGE, marketplace_id, new_id(), message_type, aggregate, recipient, dump(dict(body))
    )


def about_user(user_key: int) -> str:
    """The aggregate of messages that concern one user."""
    return f"user/{user_key}"

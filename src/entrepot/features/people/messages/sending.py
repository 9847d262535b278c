"""Messages to people: rows of the outbox, written with what causes them.

Whoever delivers them (message senders, later) reads the rows; until then worker/messages.py shows them in the mailbox, where there is one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from entrepot.engine.call import Call, Database
from entrepot.engine.wire.json import dump
from entrepot.kernel.ids import new_id

INSERT_MESSAGES = """
INSERT INTO outbox_messages (marketplace_id, delivery_id, message_type, aggregate, recipient, body, created_at)
SELECT $1, v.delivery_id, v.message_type, v.aggregate, v.recipient, $3::json, now()
FROM json_to_recordset($2::json) AS v(delivery_id text, message_type text, aggregate text, recipient text, place bigint)
ORDER BY v.place
"""


@dataclass(frozen=True, slots=True)
class Addressed:
    """One of several messages with the same body; facts as in `send`."""

    message_type: str
    aggregate: str
    recipient: str | None


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
    await send_all(through, marketplace_id, [Addressed(message_type, aggregate, recipient)], body)


async def send_all(
    through: Call | Database, marketplace_id: int, messages: Sequence[Addressed], body: Mapping[str, Any]
) -> None:
    """Write several messages with one body, in their order. One statement, none for none."""
    if not messages:
        return
    db = through.db if isinstance(through, Call) else through
    rows = [
        {
            "delivery_id": new_id(),
            "message_type": message.message_type,
            "aggregate": message.aggregate,
            "recipient": message.recipient,
            "place": place,
        }
        for place, message in enumerate(messages)
    ]
    await db.execute(INSERT_MESSAGES, marketplace_id, dump(rows), dump(dict(body)))


def about_user(user_key: int) -> str:
    """The aggregate of messages that concern one user."""
    return f"user/{user_key}"

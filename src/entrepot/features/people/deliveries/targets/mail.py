"""Mail of our own (ENTREPOT_SMTP_URL), and the mailbox, where nothing sends it."""

from __future__ import annotations

from typing import Any

from entrepot.engine.content import Content
from entrepot.engine.wire.json import load
from entrepot.features.people.deliveries.targets.target import Sending
from entrepot.features.people.outgoing.answers import Answer
from entrepot.features.people.services import services

MAIL, MAILBOX = "Mail", "Mailbox"
PASSING = 500
"""The status of what the mail server does not want now. Its own codes mean other things than HTTP's, and stand in the text."""


class MailTarget:
    """A message to a person (MS-5), written and handed to the mail server. What that refuses for good lasts."""

    async def deliver(self, sending: Sending) -> Answer:
        mail = services(sending.call).mail
        if mail is None:
            return Answer(
                None, failure="There is no mail server any more: ENTREPOT_SMTP_URL is not set.", lasting=True
            )
        posted = await mail.send(
            sending.marketplace, _message(sending), delivery_id=sending.delivery_id, date=sending.call.clock()
        )
        if posted.taken:
            return Answer(posted.code, Content(posted.text.encode()))
        refused_for_now = posted.code is not None and not posted.lasting
        return Answer(PASSING if refused_for_now else None, failure=posted.text, lasting=posted.lasting)

    async def close(self) -> None:
        """The connections are the process's."""


class MailboxTarget:
    """A message to a person (MS-5), put where developers read it."""

    async def deliver(self, sending: Sending) -> Answer:
        known, call = services(sending.call), sending.call
        await known.mailbox.keep(
            call.pool,
            known.box,
            sending.marketplace_id,
            sending.marketplace,
            _message(sending),
            delivery_id=sending.delivery_id,
            now=call.clock(),
        )
        return Answer(200)

    async def close(self) -> None:
        """Nothing is open."""


def _message(sending: Sending) -> dict[str, Any]:
    body = load(sending.body.decode())
    return {**body, "MessageType": sending.type or body.get("MessageType")}

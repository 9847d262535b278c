"""From an event of messages to deliveries: its letters, their recipients, the senders that reach these (MS-3, MS-7)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from msgspec import Raw

from entrepot.engine.call import Call
from entrepot.engine.wire.json import encode
from entrepot.features.people.deliveries.events import URL, Event, Outbound, Portion
from entrepot.features.people.deliveries.fanning import envelope
from entrepot.features.people.deliveries.listeners import Listeners
from entrepot.features.people.deliveries.listening import listeners
from entrepot.features.people.deliveries.targets.mail import MAIL, MAILBOX
from entrepot.features.people.messages.bodies import message_body
from entrepot.features.people.messages.letters import Letter
from entrepot.features.people.messages.reaching import Way, ways
from entrepot.features.people.messages.recipients import Recipient, slice_of
from entrepot.features.people.messages.telling import client_of
from entrepot.features.people.messages.tokens import Bearer, bearers, token
from entrepot.features.people.services import services

Values = dict[str, Any]
Letters = Callable[[Call, Event], Awaitable[Sequence[Letter]]]

SLICE = 20
"""Recipients that are read, and written to, at once."""
PORTION = 200
"""Deliveries, at the least, after which the rest of an event is left for later."""
PORTION_BYTES = 4 * 2**20
RESUMED = "resumed"
"""The fact of where the rest begins: the number of a letter, and the key of the last of its recipients who was written to."""
SENDER = "MessageSender"
ENVELOPE_TYPE = "sitecore.ordercloud.messages.messagesender."
"""Before the type in lower case; no source names the original's."""


async def expand(letters_of: Letters, call: Call, event: Event) -> Portion:
    """The deliveries of an event: for each recipient one of each sender that reaches it and of each of that one's targets,
    or a mail where none does.
    """
    first, after = event.facts.get(RESUMED, (0, 0))
    letters, found = await letters_of(call, event), []
    for number in range(first, len(letters)):
        letter = letters[number]
        while people := await slice_of(call, letter.to, after=after, most=SLICE):
            found += await _Slice(call, event, letter, await listeners(call)).deliveries(people)
            after = people[-1].key
            if len(found) >= PORTION or sum(len(each.body) for each in found) >= PORTION_BYTES:
                return Portion(found, {**event.facts, RESUMED: [number, after]})
            if len(people) < SLICE:
                break
        after = 0
    return Portion(found, None)


class _Slice:
    """Some of a letter's recipients."""

    def __init__(self, call: Call, event: Event, letter: Letter, heard: Listeners) -> None:
        self._call, self._event, self._letter, self._heard = call, event, letter, heard
        self._senders = heard.senders(letter.type)

    async def deliveries(self, people: Sequence[Recipient]) -> list[Outbound]:
        """At most four statements, none where no sender takes the type."""
        reached = await ways(self._call, self._letter.type, self._senders, people)
        known = await bearers(self._call, reached, client_of(self._event)) if reached else {}
        found: list[Outbound] = []
        for recipient in people:
            said = await self._letter.says(self._call, recipient)
            for way in reached.get(recipient.key, ()):
                found += self._through(way, recipient, said, known.get(recipient.key))
            if not reached.get(recipient.key):
                found.append(self._mail(recipient, said))
            # Each has a body and a signature of its own: others come in between.
            await asyncio.sleep(0)
        return found

    def _through(self, way: Way, recipient: Recipient, said: Raw, bearer: Bearer | None) -> list[Outbound]:
        """One delivery of a sender with a URL; else one for each target of its delivery configuration (DC-1)."""
        sender = way.sender
        body = self._body(
            recipient,
            said,
            token=None if bearer is None else token(self._call, bearer, sender.id, sender.elevated),
            copies=[each for each in way.copies if each.lower() != recipient.wire["Email"].lower()],
            config=way.config,
        )
        if sender.config_id is None:
            return [self._outbound(recipient, SENDER, sender.id, URL, None, encode(body))]
        config = self._heard.config(sender.config_id)
        if config is None:
            return []
        sent = envelope(self._call.principal.marketplace, f"{ENVELOPE_TYPE}{self._letter.type.lower()}", body)
        return [
            self._outbound(recipient, SENDER, sender.id, target, config.id, sent) for target in config.targets
        ]

    def _mail(self, recipient: Recipient, said: Raw) -> Outbound:
        """Of our own, where no sender of the marketplace takes the message. It needs no token."""
        target = MAILBOX if services(self._call).mail is None else MAIL
        return self._outbound(recipient, MAIL, "", target, None, encode(self._body(recipient, said)))

    def _body(self, recipient: Recipient, said: Raw, **more: Any) -> Values:
        letter, log_id = self._letter, self._event.log_id
        return message_body(
            self._call, letter.type, recipient, said, log_id=log_id, known_as=letter.known_as, **more
        )

    def _outbound(
        self,
        recipient: Recipient,
        integration: str,
        integration_id: str,
        target: str,
        config_id: str | None,
        body: bytes,
    ) -> Outbound:
        """In order for each recipient: of thousands, each would wait for all before him."""
        return Outbound(
            integration=integration,
            integration_id=integration_id,
            target=target,
            config_id=config_id,
            body=body,
            type=self._letter.type,
            aggregate=f"{self._event.aggregate}/to/{recipient.username}",
        )
